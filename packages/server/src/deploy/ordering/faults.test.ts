import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RULES, type Rules } from './rules.ts';
import { anyHistory } from './test/arbitrary.ts';
import { FAULTS } from './test/faults.ts';
import { KEPT } from './test/kept-histories.ts';
import { play } from './test/run.ts';
import { GROUNDS, walk } from './test/walk.ts';

const HISTORIES = 6_000;
const histories = fc.sample(anyHistory, { numRuns: HISTORIES, seed: 20 });

/** What notices the fault first: a short walk, then random histories. Null: nobody does. */
function noticedBy(rules: Rules): string | null {
  for (const ground of GROUNDS) {
    try {
      walk(ground, 2, rules);
    } catch (error) {
      return `${ground.name}: ${String(error)}`;
    }
  }
  for (const [index, history] of [...KEPT.map((kept) => kept.history), ...histories].entries()) {
    try {
      play(history, rules);
    } catch (error) {
      return `history ${index}: ${String(error)}`;
    }
  }
  return null;
}

test.each(FAULTS)('$section a planted fault is noticed: $name', ({ rules }) => {
  expect(noticedBy({ ...RULES, ...rules })).not.toBeNull();
});

test('without a fault nothing is noticed', () => {
  expect(noticedBy(RULES)).toBeNull();
});

test('there is a planted fault for every rule', () => {
  const planted = new Set(FAULTS.flatMap((fault) => Object.keys(fault.rules)));
  // How soon a fetch is repeated shows in stories.test.ts, not in what becomes of a deployment.
  const missing = Object.keys(RULES).filter(
    (rule) => !planted.has(rule) && rule !== 'fetchDelayMs',
  );
  expect(missing).toEqual([]);
});
