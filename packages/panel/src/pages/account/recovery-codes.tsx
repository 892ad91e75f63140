import { Download } from 'lucide-react';
import { useSession } from '../../api/session.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** The only time that they are shown. */
export function RecoveryCodesDialog({
  codes,
  onClose,
}: {
  codes: readonly string[];
  onClose: () => void;
}) {
  const { user } = useSession();
  const head = accountText.codesFileHead(location.origin, user.email);
  return (
    <Dialog title={accountText.codesTitle} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-sm">{accountText.codesText}</p>
        <ol className="grid gap-x-6 gap-y-1 font-mono text-sm sm:grid-cols-2">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => download(`${head}\n\n${codes.join('\n')}\n`)}>
            <Download aria-hidden className="size-4" />
            {accountText.download}
          </Button>
          <CopyButton text={codes.join('\n')} />
          <Button kind="primary" onClick={onClose}>
            {accountText.codesKept}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function download(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = accountText.codesFile;
  link.click();
  URL.revokeObjectURL(address);
}
