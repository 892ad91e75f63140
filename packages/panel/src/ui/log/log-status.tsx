import { ArrowDown, X } from 'lucide-react';
import { logs } from '../../text/logs.ts';
import { Button, IconButton } from '../button.tsx';
import { CopyButton } from '../copy.tsx';
import { copyLines } from './copy-lines.ts';
import type { LogSource, LogState } from './source.ts';
import type { LineChoice } from './use-line-choice.ts';

/** How a log stands, below it: what is chosen, what is new, whether it goes on. */
export function LogStatus({
  source,
  state,
  choice,
  following,
  fresh,
  toEnd,
}: {
  source: LogSource;
  state: LogState;
  choice: LineChoice;
  following: boolean;
  /** Lines that came since following was paused. */
  fresh: number;
  toEnd: () => void;
}) {
  const { range } = choice;
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-2 border-t border-line px-3 py-1.5 text-sm text-muted">
      {range === null ? (
        <span>{logs.lines(state.total)}</span>
      ) : (
        <>
          <Button onClick={() => void copyLines(source, range)}>
            {logs.copyLines(range.last - range.first + 1)}
          </Button>
          <CopyButton text={location.href} label={logs.copyLink} />
          <IconButton label={logs.clearSelection} onClick={choice.clear}>
            <X aria-hidden className="size-4" />
          </IconButton>
        </>
      )}
      <span className="ml-auto flex items-center gap-2">
        {state.ready && state.ended && <span>{logs.ended}</span>}
        {state.ready && !state.ended && following && (
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-2 animate-pulse rounded-full bg-good" />
            {logs.live}
          </span>
        )}
        {state.ready && !state.ended && !following && (
          <Button onClick={toEnd}>
            <ArrowDown aria-hidden className="size-4" />
            {fresh > 0 ? logs.newLines(fresh) : logs.follow}
          </Button>
        )}
      </span>
    </div>
  );
}
