import type { LogFold } from '@sluice/contract';

/** The lines that are shown, one a row: all but those inside closed folds. Rows count from 0, lines from 1. */
export interface Rows {
  readonly count: number;
  lineOf(row: number): number;
  /** The row of a line; of a hidden one the row of the fold that hides it. */
  rowOf(line: number): number;
}

/** `closed` are folds whose first line alone is shown; they may lie inside each other. */
export function createRows(total: number, closed: readonly Pick<LogFold, 'start' | 'end'>[]): Rows {
  const gaps = hiddenLines(total, closed);
  const hidden = gaps.reduce((sum, gap) => sum + gap.length, 0);
  const count = Math.max(0, total - hidden);
  return {
    count,
    lineOf: (row) => {
      const gap = lastBefore(gaps, (one) => one.row <= row);
      return gap === null ? row + 1 : row + 1 + gap.hiddenBefore + gap.length;
    },
    rowOf: (line) => {
      const gap = lastBefore(gaps, (one) => one.first <= line);
      if (gap === null) return line - 1;
      return line < gap.first + gap.length ? gap.row - 1 : line - 1 - gap.hiddenBefore - gap.length;
    },
  };
}

/** Lines that are hidden in one go. */
interface Gap {
  readonly first: number;
  readonly length: number;
  /** Hidden lines before it. */
  readonly hiddenBefore: number;
  /** The row that follows it. */
  readonly row: number;
}

function hiddenLines(total: number, closed: readonly Pick<LogFold, 'start' | 'end'>[]): Gap[] {
  const gaps: Gap[] = [];
  let hiddenBefore = 0;
  let shownUpTo = 0;
  const sorted = [...closed].sort(
    (a, b) => a.start - b.start || (b.end ?? total) - (a.end ?? total),
  );
  for (const { start, end } of sorted) {
    const last = Math.min(end ?? total, total);
    // One that lies in another that is closed hides nothing more.
    const first = Math.max(start + 1, shownUpTo + 1);
    if (start <= shownUpTo || last < first) continue;
    const length = last - first + 1;
    gaps.push({ first, length, hiddenBefore, row: first - 1 - hiddenBefore });
    hiddenBefore += length;
    shownUpTo = last;
  }
  return gaps;
}

/** The last of sorted gaps for which `holds`, which is true for those up to it only. */
function lastBefore(gaps: readonly Gap[], holds: (gap: Gap) => boolean): Gap | null {
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const gap = gaps[middle];
    if (gap !== undefined && holds(gap)) low = middle + 1;
    else high = middle;
  }
  return gaps[low - 1] ?? null;
}
