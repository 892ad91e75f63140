import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseFiles, type TestFile } from './choose-files.ts';

const file = (path: string, ms: number, ...statements: string[]): TestFile => ({
  ...{ path, ms, statements },
});

test('what shows most in its time comes first, and what shows nothing new is left out', () => {
  const dear = file('dear', 1_000, 'a', 'b', 'c', 'd');
  const cheap = file('cheap', 100, 'a', 'b');
  const same = file('same', 150, 'a');
  const choice = chooseFiles([dear, same, cheap], 10_000);
  expect(choice).toEqual({ files: [cheap, dear], covered: 4, statements: 4 });
});

test('a file that no longer fits makes room for a shorter one', () => {
  const all = [file('one', 500, 'a', 'b', 'c'), file('two', 600, 'd', 'e'), file('three', 90, 'd')];
  expect(chooseFiles(all, 1_000)).toMatchObject({ covered: 4, statements: 5 });
  expect(chooseFiles(all, 10)).toEqual({ files: [], covered: 0, statements: 5 });
});

test('what is always taken counts, in its time too', () => {
  const all = [file('rare', 500, 'a'), file('good', 600, 'a', 'b'), file('short', 90, 'c')];
  const choice = chooseFiles(all, 1_000, ['rare', 'gone']);
  expect(choice.files.map(({ path }) => path)).toEqual(['rare', 'short']);
  expect(choice.covered).toBe(2);
  expect(chooseFiles(all, 10, ['rare']).files).toEqual([all[0]]);
});

test('never beyond its time, and with enough of it every statement is covered', () => {
  const files = fc.array(
    fc.record({
      path: fc.string(),
      ms: fc.integer({ min: 1, max: 1_000 }),
      statements: fc.uniqueArray(fc.constantFrom(...'abcdefgh')),
    }),
  );
  fc.assert(
    fc.property(files, fc.integer({ min: 0, max: 3_000 }), (all, ms) => {
      const { files: chosen, covered } = chooseFiles(all, ms);
      expect(chosen.reduce((sum, one) => sum + one.ms, 0)).toBeLessThanOrEqual(ms);
      expect(new Set(chosen.flatMap((one) => one.statements)).size).toBe(covered);
      const whole = chooseFiles(all, Number.POSITIVE_INFINITY);
      expect(whole.covered).toBe(whole.statements);
    }),
  );
});
