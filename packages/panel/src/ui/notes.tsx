import { CircleAlert, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError, UnreachableError } from '../api/client.ts';
import { common } from '../text/common.ts';
import { Button } from './button.tsx';
import { classes } from './classes.ts';

/** What happened, in a sentence for the reader. */
export function errorText(error: unknown): string {
  if (error instanceof UnreachableError) return common.unreachable;
  if (error instanceof ApiError) return error.message;
  return error instanceof Error ? error.message : common.failed;
}

/** An error that stands where the thing should be, with a way on. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  if (error === null || error === undefined) return null;
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-3 rounded-md border border-bad bg-bad-soft px-3 py-2 text-sm text-bad"
    >
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 whitespace-pre-line break-words">{errorText(error)}</p>
      {retry && <Button onClick={retry}>{common.tryAgain}</Button>}
    </div>
  );
}

const NOTES = {
  info: 'border-line bg-raised text-ink',
  warn: 'border-warn bg-warn-soft text-warn',
  good: 'border-good bg-good-soft text-good',
} as const;

export function Note({
  tone = 'info',
  children,
}: {
  tone?: keyof typeof NOTES;
  children: ReactNode;
}) {
  return (
    <div
      className={classes('flex items-start gap-3 rounded-md border px-3 py-2 text-sm', NOTES[tone])}
    >
      <Info aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

/** Nothing here yet: what would be here, and what to do next. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-lg border border-dashed border-edge px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-sm text-muted">{children}</div>}
      {action}
    </div>
  );
}

/** Stands where something is being read; its shape keeps the page from jumping. */
export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <div role="status" className="flex flex-col gap-3 py-2">
      <span className="sr-only">{common.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike and never move
        <div key={line} aria-hidden className="h-5 animate-pulse rounded bg-raised" />
      ))}
    </div>
  );
}
