import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDefaultBranch, planSteps, type Receipt } from './changes.ts';
import type { RefState } from './refs.ts';
import { ABSENT } from './types.ts';

const sha = (letter: string) => letter.repeat(40);
const state = (letter: string): RefState => ({ sha: sha(letter), commitSha: sha(letter) });
const commitOf = (object: string) => object;
const receipt = (before: string, after: string, ref = 'refs/heads/main'): Receipt => ({
  ref,
  before: before === '' ? ABSENT : sha(before),
  after: after === '' ? ABSENT : sha(after),
  pusherUuid: 'ada',
});
const told = (steps: ReturnType<typeof planSteps>) =>
  steps.map((step) => `${step.from?.sha[0] ?? '-'}${step.to?.sha[0] ?? '-'}`);

describe('the moves that are recorded', () => {
  const recorded = new Map([['refs/heads/main', state('a')]]);
  const main = (letter: string) => new Map([['refs/heads/main', state(letter)]]);

  test('two quick pushes are two pushes', () => {
    const receipts = [receipt('a', 'b'), receipt('b', 'c')];
    expect(told(planSteps({ recorded, disk: main('c'), receipts, commitOf }))).toEqual([
      'ab',
      'bc',
    ]);
  });
  test('a push whose hook never came is seen on disk', () => {
    const receipts = [receipt('a', 'b')];
    expect(told(planSteps({ recorded, disk: main('d'), receipts, commitOf }))).toEqual([
      'ab',
      'bd',
    ]);
  });
  test('a receipt alone leaves later pushes to their own hooks', () => {
    const plan = planSteps({ recorded, disk: null, receipts: [receipt('a', 'b')], commitOf });
    expect(told(plan)).toEqual(['ab']);
  });
  test('a receipt of something recorded already adds nothing', () => {
    const plan = planSteps({ recorded, disk: null, receipts: [receipt('', 'a')], commitOf });
    expect(plan).toEqual([]);
  });
});

test('whatever was recorded and received, the steps lead to what is on disk, and a second look adds none', () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'd');
  const ref = fc.constantFrom('refs/heads/main', 'refs/heads/x', 'refs/tags/t');
  const refs = fc.dictionary(ref, letter).map((given) => {
    return new Map(Object.entries(given).map(([name, value]) => [name, state(value)]));
  });
  const orAbsent = fc.oneof(letter, fc.constant(''));
  const receipts = fc.array(
    fc.tuple(orAbsent, orAbsent, ref).map(([before, after, name]) => receipt(before, after, name)),
  );
  fc.assert(
    fc.property(refs, refs, receipts, (recorded, disk, given) => {
      const steps = planSteps({ recorded, disk, receipts: given, commitOf });
      const current = new Map(recorded);
      for (const step of steps) {
        expect(current.get(step.ref)?.sha).toBe(step.from?.sha);
        expect(step.to?.sha).not.toBe(step.from?.sha);
        if (step.to === null) current.delete(step.ref);
        else current.set(step.ref, step.to);
      }
      expect(current).toEqual(disk);
      expect(planSteps({ recorded: current, disk, receipts: [], commitOf })).toEqual([]);
    }),
  );
});

test('the usual names are preferred as default branch', () => {
  expect(chooseDefaultBranch(['alpha', 'master'])).toBe('master');
  expect(chooseDefaultBranch(['zeta', 'alpha'])).toBe('zeta');
  expect(chooseDefaultBranch([])).toBeNull();
});
