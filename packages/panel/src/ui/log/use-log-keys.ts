import type { KeyboardEvent } from 'react';
import { copyLines } from './copy-lines.ts';
import type { Rows } from './rows.ts';
import type { LogSource, LogState } from './source.ts';
import type { LineChoice } from './use-line-choice.ts';
import type { LogSearch } from './use-search.ts';

export interface LogKeyActions {
  readonly source: LogSource;
  readonly state: LogState;
  readonly rows: Rows;
  readonly choice: LineChoice;
  readonly search: LogSearch;
  readonly toTop: () => void;
  readonly toEnd: () => void;
  readonly show: (line: number, center?: boolean) => void;
  readonly pause: () => void;
  /** Opens or closes the fold that begins at the chosen line. */
  readonly chosenFold: () => void;
  /** The line at the upper edge. */
  readonly firstLine: () => number;
  readonly focusSearch: () => void;
  readonly follow: () => void;
}

/** Keys of a log that has the focus; docs/how-to/read-a-log.md lists them. Arrows and pages scroll, as everywhere. */
export function useLogKeys(actions: LogKeyActions): (event: KeyboardEvent) => void {
  const { rows, choice } = actions;

  /** Goes to the next or previous line that is shown. */
  const step = (by: 1 | -1, extend: boolean) => {
    const from = choice.newest;
    const row = from === null ? rows.rowOf(actions.firstLine()) : rows.rowOf(from) + by;
    if (row < 0 || row >= rows.count) return;
    const line = rows.lineOf(row);
    actions.pause();
    choice.choose(line, extend);
    actions.show(line, false);
  };

  const keys = new Map<string, () => void>([
    ['/', actions.focusSearch],
    ['n', () => actions.search.step(1)],
    ['N', () => actions.search.step(-1)],
    ['j', () => step(1, false)],
    ['k', () => step(-1, false)],
    ['J', () => step(1, true)],
    ['K', () => step(-1, true)],
    [
      'c',
      () => {
        if (choice.range !== null) void copyLines(actions.source, choice.range);
      },
    ],
    ['f', actions.follow],
    ['o', actions.chosenFold],
    ['Home', actions.toTop],
    ['End', actions.toEnd],
    ['Escape', choice.clear],
  ]);

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const work = keys.get(event.key);
    if (work === undefined) return;
    event.preventDefault();
    work();
  };
}
