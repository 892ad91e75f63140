import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { shell } from '../text/shell.ts';
import { paletteSignal } from './signals.ts';

/** Loaded when it is first opened. */
const Palette = lazy(() => import('../pages/palette/palette.tsx'));

export function PaletteButton() {
  return (
    <button
      type="button"
      onClick={paletteSignal.send}
      aria-keyshortcuts="Control+K Meta+K"
      className="inline-flex min-h-9 items-center gap-2 rounded-md border border-edge px-2.5 text-sm text-muted hover:bg-raised"
    >
      <Search aria-hidden className="size-4" />
      <span className="sr-only sm:not-sr-only">{shell.openPalette}</span>
      <kbd aria-hidden className="hidden font-sans text-xs sm:inline">
        Ctrl K
      </kbd>
    </button>
  );
}

/** Opens on Ctrl+K or Cmd+K, and by the button. */
export function CommandPalette() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const end = paletteSignal.on(() => setOpen(true));
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((is) => !is);
    };
    window.addEventListener('keydown', onKey);
    return () => {
      end();
      window.removeEventListener('keydown', onKey);
    };
  }, []);
  return open ? (
    <Suspense fallback={null}>
      <Palette onClose={() => setOpen(false)} />
    </Suspense>
  ) : null;
}
