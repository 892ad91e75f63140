import type { Session } from '@sluice/contract';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleUser } from 'lucide-react';
import { useId, useRef } from 'react';
import { api } from '../api/client.ts';
import { shell } from '../text/shell.ts';
import { SelectField } from '../ui/field.tsx';
import { setTheme, type Theme, useTheme } from './theme.ts';

const ITEM =
  'block w-full rounded-md px-3 py-2 text-left text-sm text-ink no-underline hover:bg-raised';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** One's own account, the theme, and the way out: a popover, which Escape and a click elsewhere close. */
export function UserMenu({ session }: { session: Session }) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const close = () => menu.current?.hidePopover();

  const signOut = async () => {
    await api.send('DELETE', '/iam/v3/session/');
    // Nothing of one person's stays behind for the next.
    queryClient.clear();
    await navigate({ to: '/sign-in' });
  };

  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={`${shell.account}: ${session.user.email}`}
        title={session.user.email}
        className="inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink"
      >
        <CircleUser aria-hidden className="size-5" />
      </button>
      <div
        id={id}
        ref={menu}
        popover="auto"
        className="fixed inset-auto top-14 right-4 w-64 rounded-lg border border-line bg-surface p-2 text-ink shadow-xl"
      >
        <p className="truncate px-3 py-2 text-xs text-muted">{session.user.email}</p>
        <Link to="/account" onClick={close} className={ITEM}>
          {shell.account}
        </Link>
        <Link to="/import" onClick={close} className={ITEM}>
          {shell.importExisting}
        </Link>
        <div className="px-3 py-2">
          <SelectField
            label={shell.theme}
            value={theme}
            onChange={(chosen) => setTheme(THEMES.find((one) => one === chosen) ?? 'system')}
          >
            {THEMES.map((one) => (
              <option key={one} value={one}>
                {shell.themes[one]}
              </option>
            ))}
          </SelectField>
        </div>
        <button type="button" onClick={() => void signOut()} className={ITEM}>
          {shell.signOut}
        </button>
      </div>
    </>
  );
}
