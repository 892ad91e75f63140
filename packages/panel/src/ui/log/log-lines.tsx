import { logs } from '../../text/logs.ts';
import type { Heights } from './heights.ts';
import { LogRow } from './log-row.tsx';
import type { Rows } from './rows.ts';
import type { LogSource, LogState } from './source.ts';
import type { useFolds } from './use-layout.ts';
import type { LineChoice } from './use-line-choice.ts';
import type { Scroll } from './use-scroll.ts';
import type { LogSearch } from './use-search.ts';

/** The rows in sight, and as much empty space as all others would take. */
export function LogLines({
  source,
  state,
  rows,
  heights,
  folds,
  scroll,
  digits,
  choice,
  search,
  times,
}: {
  source: LogSource;
  state: LogState;
  rows: Rows;
  heights: Heights & { readonly wraps: boolean };
  folds: ReturnType<typeof useFolds>;
  scroll: Scroll;
  digits: number;
  choice: LineChoice;
  search: LogSearch;
  times: boolean;
}) {
  if (rows.count === 0) {
    const text = state.ready ? (state.ended ? logs.emptyEnded : logs.empty) : logs.loading;
    return <p className="px-4 py-3 font-sans text-sm text-[#a3b3c2]">{text}</p>;
  }
  const { range } = choice;
  const current = search.found?.lines[search.at];
  const query = search.found === null ? '' : search.query;
  const shown = Array.from({ length: Math.max(0, scroll.last - scroll.first + 1) }, (_, index) => {
    const row = scroll.first + index;
    const number = rows.lineOf(row);
    const fold = folds.byLine.get(number);
    return (
      <LogRow
        key={number}
        number={number}
        line={source.line(number)}
        fold={fold}
        isOpen={fold !== undefined && folds.open(fold)}
        durationMs={fold === undefined ? (state.timings.get(number) ?? null) : fold.duration_ms}
        height={heights.height(row)}
        digits={digits}
        withTime={times}
        wrap={heights.wraps}
        chosen={range !== null && range.first <= number && number <= range.last}
        query={query}
        current={number === current}
        onChoose={choice.choose}
        onToggle={folds.toggle}
      />
    );
  });
  return (
    <div
      style={{ height: scroll.height }}
      className={heights.wraps ? 'relative' : 'w-max min-w-full'}
    >
      <div
        style={{ transform: `translateY(${scroll.top}px)` }}
        className={heights.wraps ? 'absolute inset-x-0 top-0' : 'w-max min-w-full'}
      >
        {shown}
      </div>
    </div>
  );
}
