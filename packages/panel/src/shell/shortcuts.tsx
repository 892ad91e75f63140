import { useParams, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { APPLICATION_PLACES, PLACES } from './places.ts';
import { paletteSignal, shortcutsSignal } from './signals.ts';
import { usesSingleKeys } from './single-keys.ts';

/** How long after `g` its letter may come. */
const SECOND_KEY_MS = 1_500;

/** Loaded when it is first opened. */
const Help = lazy(() => import('../pages/palette/shortcuts-help.tsx'));

/** `?` shows what can be pressed, `/` opens the palette, `g` and a letter goes to a page. */
export function Shortcuts() {
  const [open, setOpen] = useState(false);
  const { app } = useParams({ strict: false });
  const router = useRouter();
  const leads = useRef(0);

  useEffect(() => {
    const end = shortcutsSignal.on(() => setOpen(true));
    const go = (letter: string): boolean => {
      const inside = app === undefined ? undefined : APPLICATION_PLACES.find(by(letter));
      const place = inside ?? PLACES.find(by(letter));
      if (place === undefined) return false;
      router.history.push(place.to.replace('$app', app ?? ''));
      return true;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !usesSingleKeys()) return;
      if (event.defaultPrevented || isTyping(event.target)) return;
      const follows = Date.now() - leads.current < SECOND_KEY_MS;
      leads.current = 0;
      if (follows && go(event.key)) event.preventDefault();
      else if (event.key === 'g') leads.current = Date.now();
      else if (event.key === '?') setOpen(true);
      else if (event.key === '/') {
        event.preventDefault();
        paletteSignal.send();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => {
      end();
      window.removeEventListener('keydown', onKey);
    };
  }, [app, router]);

  return open ? (
    <Suspense fallback={null}>
      <Help onClose={() => setOpen(false)} />
    </Suspense>
  ) : null;
}

const by = (letter: string) => (place: { readonly letter: string }) => place.letter === letter;

/** Where keys mean what they say: fields, and dialogs, which have keys of their own. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // The focus leaves a dialog a moment after it was closed.
  if (target.closest('dialog')?.open === false) return false;
  return target.isContentEditable || target.closest('input, textarea, select, dialog') !== null;
}
