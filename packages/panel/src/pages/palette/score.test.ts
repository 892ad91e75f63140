import { expect, test } from 'vitest';
import { score } from './score.ts';

const ranked = (wanted: string, titles: readonly string[]) =>
  titles
    .filter((title) => score(title, wanted) > 0)
    .toSorted((a, b) => score(b, wanted) - score(a, wanted));

test('a whole word is better than its beginning, and that than a part', () => {
  expect(ranked('live', ['Deliver', 'Deploy lively to test', 'Deploy lively to live'])).toEqual([
    'Deploy lively to live',
    'Deploy lively to test',
    'Deliver',
  ]);
});

test('words may stand in any order, and all must be there', () => {
  expect(ranked('commits shop', ['Shop \u203a Commits', 'Shop', 'Commits'])).toEqual([
    'Shop \u203a Commits',
  ]);
});

test('what is short is nearer, and nothing typed matches everything', () => {
  expect(ranked('shop', ['Shop of the old town', 'Shop'])).toEqual([
    'Shop',
    'Shop of the old town',
  ]);
  expect(ranked('  ', ['A', 'B'])).toEqual(['A', 'B']);
});
