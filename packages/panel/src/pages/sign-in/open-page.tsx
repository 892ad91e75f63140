import type { ReactNode } from 'react';
import { Logo } from '../../shell/logo.tsx';
import { common } from '../../text/common.ts';

/** What stands around the pages before anybody has signed in. */
export function OpenPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 py-10 sm:py-20">
      <main className="w-full max-w-md">
        <div className="mb-6 flex items-center gap-3">
          <Logo />
          <p className="text-lg font-semibold">{common.product}</p>
        </div>
        <div className="rounded-lg border border-line bg-surface p-6">
          <h1 className="mb-5 text-xl font-semibold">{title}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}
