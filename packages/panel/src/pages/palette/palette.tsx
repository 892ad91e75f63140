import { shell } from '../../text/shell.ts';
import { Dialog } from '../../ui/dialog.tsx';

export default function Palette({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={shell.openPalette} onClose={onClose}>
      {null}
    </Dialog>
  );
}
