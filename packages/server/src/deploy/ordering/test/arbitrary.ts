import fc from 'fast-check';
import type { Action } from './actions.ts';

const index = fc.nat({ max: 30 });
const mode = fc.oneof(
  { weight: 8, arbitrary: fc.constant('AUTO' as const) },
  { weight: 1, arbitrary: fc.constant('FORCE' as const) },
  { weight: 1, arbitrary: fc.constant('ADOPT' as const) },
);
const result = fc.oneof(
  { weight: 6, arbitrary: fc.constant('passed' as const) },
  { weight: 2, arbitrary: fc.constant('failed' as const) },
  { weight: 1, arbitrary: fc.constant('unfinished' as const) },
);
const commit = fc.option(index, { freq: 4 });

/** What happens every day: pushes, merges, builds, signals, pipelines, crashes. */
const daily: fc.WeightedArbitrary<Action>[] = [
  { weight: 5, arbitrary: fc.record({ do: fc.constant('push'), late: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('merge'), from: index, wide: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('feature'), from: index }) },
  { weight: 2, arbitrary: fc.constant({ do: 'arrive' }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('build'), commit: index, result }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('signal'),
      commit,
      mode,
      override: fc.constant('none' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('step'), to: fc.nat({ max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'switch' }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end'), ok: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' }) },
  { weight: 1, arbitrary: fc.constant({ do: 'config' }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait'), seconds: fc.constantFrom(1, 20, 130) }),
  },
];

/** What people and rewritten histories do besides. */
const rare: fc.WeightedArbitrary<Action>[] = [
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel'), which: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rollback'), which: index }) },
  { weight: 2, arbitrary: fc.constant({ do: 'resume' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('force_push'), to: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('foxtrot'), from: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gate'), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('signal'),
      commit,
      mode,
      override: fc.constantFrom('off_branch', 'hold'),
    }),
  },
];

const history = (of: fc.WeightedArbitrary<Action>[]) =>
  fc.array(fc.oneof(...of), { minLength: 4, maxLength: 45, size: 'max' });

export const dailyHistory: fc.Arbitrary<Action[]> = history(daily);
export const anyHistory: fc.Arbitrary<Action[]> = history([...daily, ...rare]);
