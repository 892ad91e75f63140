import fc from 'fast-check';
import { expect, test } from 'vitest';
import { act, quiesce, signal } from './test/actions.ts';
import { anyHistory, dailyHistory } from './test/arbitrary.ts';
import { CLAIMS } from './test/claims.ts';
import { claimConvergence } from './test/convergence.ts';
import { play } from './test/run.ts';
import { World } from './test/world.ts';

/**
 * `SLUICE_FUZZ_RUNS=100000` plays that many new histories; what such a run finds goes to `test/kept-histories.ts`. The
 * normal run plays the same ones each time and stays within seconds.
 */
const runs = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 4000);

test('every promise holds over random histories of pushes, builds, signals and crashes', () => {
  fc.assert(
    fc.property(dailyHistory, (history) => {
      play(history);
    }),
    { numRuns: runs },
  );
}, 3_600_000);

test('and with cancels, rollbacks, resumes, overrides and rewritten histories', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      play(history);
    }),
    { numRuns: runs },
  );
}, 3_600_000);

test('bounded work: signals during one deployment cause at most two further builds', () => {
  const signals = fc.array(fc.record({ commit: fc.nat({ max: 11 }), head: fc.boolean() }), {
    minLength: 1,
    maxLength: 30,
    size: 'max',
  });
  fc.assert(
    fc.property(fc.nat({ max: 11 }), signals, (first, asked) => {
      const world = new World(CLAIMS);
      for (let i = 0; i < 8; i++) act(world, { do: 'push', late: false });
      act(world, { do: 'merge', from: 3, wide: true });
      for (const sha of world.graph.all()) world.verdicts.set(sha, { state: 'passed', url: null });
      const shas = world.graph.all();
      signal(world, shas[first % shas.length] ?? null);
      for (const one of asked)
        signal(world, one.head ? null : (shas[one.commit % shas.length] ?? null));
      quiesce(world);
      claimConvergence(world);
      expect(world.starts).toBeLessThanOrEqual(1 + 2);
    }),
    { numRuns: Math.ceil(runs / 8) },
  );
}, 3_600_000);

test('the histories are not idle: deployments start, end and supersede each other', () => {
  const seen = new Map<string, number>();
  for (const history of fc.sample(anyHistory, { numRuns: 1000, seed: 7 }))
    for (const d of play(history).ended.values())
      seen.set(`${d.status} ${d.rule}`, (seen.get(`${d.status} ${d.rule}`) ?? 0) + 1);
  for (const end of [
    'SUCCEEDED went_live',
    'FAILED pipeline_failed',
    'FAILED untested',
    'FAILED awaiting_commit_deadline',
    'FAILED no_image',
    'SUPERSEDED descendant',
    'SUPERSEDED mirrored',
    'SUPERSEDED same_as_live',
    'SKIPPED not_on_branch',
    'CANCELLED cancelled',
    'CANCELLED removed_from_branch',
    'HELD on_hold',
  ])
    expect(seen.get(end) ?? 0, end).toBeGreaterThan(0);
});
