import type { Session } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { common } from '../text/common.ts';
import { shell } from '../text/shell.ts';
import { Logo } from './logo.tsx';
import { PaletteButton } from './palette.tsx';
import { UserMenu } from './user-menu.tsx';

const LINK =
  'inline-flex min-h-9 items-center rounded-md px-2.5 text-sm text-muted no-underline hover:bg-raised hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-ink';

export function Navigation({ session }: { session: Session }) {
  const links = [
    { to: '/', text: shell.applications },
    { to: '/people', text: shell.people },
    { to: '/machine-users', text: shell.machineUsers },
    ...(session.user.is_admin
      ? [
          { to: '/audit-log', text: shell.auditLog },
          { to: '/runners', text: shell.runners },
          { to: '/images', text: shell.images },
          { to: '/system', text: shell.system },
        ]
      : []),
  ];
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 sm:px-6">
        <Link to="/" className="flex items-center gap-2 font-semibold text-ink no-underline">
          <Logo />
          {common.product}
        </Link>
        <nav
          aria-label={shell.mainNavigation}
          className="fade-x order-last w-full overflow-x-auto md:order-none md:w-auto md:flex-1"
        >
          <ul className="flex gap-1">
            {links.map(({ to, text }) => (
              <li key={to}>
                <Link
                  to={to}
                  activeOptions={{ exact: to === '/' }}
                  activeProps={{ 'aria-current': 'page' }}
                  className={LINK}
                >
                  <span className="whitespace-nowrap">{text}</span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="ml-auto flex items-center gap-1">
          <PaletteButton />
          <UserMenu session={session} />
        </div>
      </div>
    </header>
  );
}
