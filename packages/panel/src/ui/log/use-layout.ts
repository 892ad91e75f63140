import type { LogFold } from '@sluice/contract';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useState } from 'react';
import { type FoldChoices, foldKey, isOpen, type Outcome } from './folding.ts';
import { equalHeights, type Heights, MOST_WRAPPED_ROWS, wrappedHeights } from './heights.ts';
import { createRows, type Rows } from './rows.ts';
import { shownLine } from './shown-line.ts';
import type { LogSource, LogState } from './source.ts';

/** Columns beside the text, in characters: toggle of a fold, and the space at the right edge. */
const TOGGLE_CELLS = 2;
const EDGE_CELLS = 2;
const TIME_CELLS = 10;

/** Which folds are open, and what that means for rows. */
export function useFolds(state: LogState, outcome: Outcome) {
  const [choices, setChoices] = useState<FoldChoices>(() => new Map());
  const { folds, total } = state;
  const open = useCallback(
    (fold: LogFold) => isOpen(fold, folds, outcome, choices),
    [folds, outcome, choices],
  );
  const rows = useMemo(
    () =>
      createRows(
        total,
        folds.filter((fold) => !open(fold)),
      ),
    [total, folds, open],
  );
  const byLine = useMemo(() => {
    const map = new Map<number, LogFold>();
    for (const fold of folds) if (!map.has(fold.start)) map.set(fold.start, fold);
    return map;
  }, [folds]);
  const toggle = useCallback(
    (fold: LogFold) => setChoices((before) => new Map([...before, [foldKey(fold), !open(fold)]])),
    [open],
  );
  const setAll = (value: boolean) =>
    setChoices(new Map(folds.map((fold) => [foldKey(fold), value] as const)));
  return {
    ...{ rows, byLine, open, toggle, setAll, setChoices },
    allOpen: folds.length === 0 ? null : folds.every(open),
  };
}

/** How high rows are. `state` is a new one whenever lines came, whose lengths count where they are wrapped. */
export function useHeights(
  scroller: RefObject<HTMLElement | null>,
  source: LogSource,
  state: LogState,
  { rows, byLine }: { readonly rows: Rows; readonly byLine: ReadonlyMap<number, LogFold> },
  look: { readonly wrap: boolean; readonly times: boolean; readonly digits: number },
): Heights & { readonly wraps: boolean } {
  const width = useCells(scroller);
  const wraps = look.wrap && rows.count <= MOST_WRAPPED_ROWS;
  const beside = look.digits + 2 + (look.times ? TIME_CELLS : 0) + TOGGLE_CELLS + EDGE_CELLS;
  const columns = Math.max(10, width - beside);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines are read from the source, and `state` says that there are new ones
  const wrapped = useMemo(() => {
    if (!wraps) return null;
    return wrappedHeights(rows.count, (row) => {
      const number = rows.lineOf(row);
      const line = source.line(number);
      // The title of a fold is cut off, never wrapped.
      return line === undefined || byLine.has(number)
        ? 1
        : Math.max(1, Math.ceil(shownLine(line).cells / columns));
    });
  }, [wraps, rows, byLine, columns, source, state]);
  const equal = useMemo(() => equalHeights(rows.count), [rows.count]);
  return useMemo(() => ({ ...(wrapped ?? equal), wraps }), [wrapped, equal, wraps]);
}

/** How many characters of its font an element is wide. */
function useCells(element: RefObject<HTMLElement | null>): number {
  const [cells, setCells] = useState(80);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    const measure = () => {
      const context = document.createElement('canvas').getContext('2d');
      if (context === null) return;
      context.font = getComputedStyle(box).font;
      const one = context.measureText('0'.repeat(100)).width / 100;
      if (one > 0) setCells(Math.floor(box.clientWidth / one));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return cells;
}
