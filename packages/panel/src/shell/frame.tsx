import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { sessionQuery } from '../api/session.ts';
import { common } from '../text/common.ts';
import { ErrorNote, Loading } from '../ui/notes.tsx';
import { ConnectionNote } from './connection.tsx';
import { Navigation } from './navigation.tsx';
import { CommandPalette } from './palette.tsx';
import { Shortcuts } from './shortcuts.tsx';

/** What stands around every page of somebody who is signed in; nobody else gets further than this. */
export function Frame() {
  const session = useQuery(sessionQuery);
  const { pathname, href } = useRouterState({ select: (state) => state.location });
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);

  // As a loaded page would: whoever follows a link begins at the new page's start, also by ear.
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus();
  }, [pathname]);

  if (session.isError) {
    return (
      <div className="mx-auto max-w-xl p-6">
        <ErrorNote error={session.error} retry={() => void session.refetch()} />
      </div>
    );
  }
  if (session.data === undefined) return <Loading />;
  if (session.data === null) return <ToSignIn from={href} />;
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-surface px-4 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {common.skipToContent}
      </a>
      <Navigation session={session.data} />
      <ConnectionNote />
      <main
        id="content"
        ref={main}
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl flex-1 px-4 py-6 outline-none sm:px-6"
      >
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <CommandPalette />
      <Shortcuts />
    </div>
  );
}

/**
 * Goes to the sign-in page, once: the address changes before that page is loaded and this one is gone, and a `Navigate`
 * would go again from there, for ever.
 */
function ToSignIn({ from }: { from: string }) {
  const navigate = useNavigate();
  const wanted = useRef(from);
  useEffect(() => {
    const search = wanted.current === '/' ? {} : { next: wanted.current };
    void navigate({ to: '/sign-in', search, replace: true });
  }, [navigate]);
  return <Loading />;
}
