import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRows } from './rows.ts';

const arbitraryFolds = fc.array(
  fc
    .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(20), fc.boolean())
    .map(([start, length, isEnded]) => ({ start, end: isEnded ? start + length : null })),
  { maxLength: 6 },
);

/** Nested or apart, as folds of a log are. */
const areNested = (folds: readonly { start: number; end: number | null }[], total: number) =>
  folds.every((one) =>
    folds.every((other) => {
      const [a, b] = [one.end ?? total, other.end ?? total];
      const apart = a < other.start || b < one.start;
      return apart || (one.start <= other.start && b <= a) || (other.start <= one.start && a <= b);
    }),
  );

test('rows are the lines that no closed fold hides', () => {
  fc.assert(
    fc.property(fc.nat(80), arbitraryFolds, (total, folds) => {
      fc.pre(areNested(folds, total));
      const isHidden = (line: number) =>
        folds.some(({ start, end }) => start < line && line <= (end ?? total));
      const lines = Array.from({ length: total }, (_, index) => index + 1);
      const shown = lines.filter((line) => !isHidden(line));
      const rows = createRows(total, folds);
      expect(rows.count).toBe(shown.length);
      expect(shown.map((_, row) => rows.lineOf(row))).toEqual(shown);
      for (const line of lines) {
        const before = shown.findLastIndex((one) => one <= line);
        expect(rows.rowOf(line)).toBe(before);
      }
    }),
  );
});
