import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findFlaky, type JobRun, suspects } from './flaky.ts';
import { type Commit, leadTimes, type Push } from './lead-time.ts';
import { DAY_MS, datesOf, periodUntil } from './period.ts';
import { daily, median, percentile } from './statistics.ts';
import type { Deployment } from './timeline.ts';

describe('percentile', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 40 });

  test('splits the values: that share is below, the rest above', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(0, 0.5, 0.9, 1), (values, p) => {
        const found = percentile(values, p) ?? Number.NaN;
        const below = values.filter((value) => value < found - 1e-6).length;
        const notAbove = values.filter((value) => value <= found + 1e-6).length;
        expect(below).toBeLessThanOrEqual(Math.ceil(p * (values.length - 1)));
        expect(notAbove).toBeGreaterThanOrEqual(Math.floor(p * (values.length - 1)) + 1);
      }),
    );
  });

  test('is the middle, the mean of the two middle ones, the spreadsheet’s p90, and null of nothing', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, 2, 3, 10])).toBe(2.5);
    expect(percentile([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 0.9)).toBe(91);
    expect(median([])).toBeNull();
  });
});

describe('days', () => {
  test('are UTC, today included, and every sample is in exactly the one it belongs to', () => {
    const now = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(
        now,
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (at, days, offsets) => {
          const period = periodUntil(at, days);
          expect(at >= period.from && at < period.to).toBe(true);
          expect(datesOf(period)).toHaveLength(days);
          expect(datesOf(period).at(-1)).toBe(new Date(at).toISOString().slice(0, 10));
          const samples = offsets.map((offset) => ({
            ...{ at: period.from + (offset % (days * DAY_MS)), value: 1 },
          }));
          const counted = daily(samples, period, (values) => values.length);
          for (const { date, value } of counted) {
            const same = samples.filter((s) => new Date(s.at).toISOString().startsWith(date));
            expect(value).toBe(same.length);
          }
        },
      ),
    );
  });

  test('without a value have null, or 0 where it is a count', () => {
    const period = periodUntil(Date.UTC(2026, 10, 23, 12), 2);
    expect(daily([], period, median)).toEqual([
      { date: '2026-11-22', value: null },
      { date: '2026-11-23', value: null },
    ]);
    expect(daily([], period, (values) => values.length)[0]?.value).toBe(0);
  });
});

interface World {
  readonly commits: Commit[];
  readonly pushes: Push[];
  readonly deployments: Deployment[];
  readonly hadLive: boolean;
}

/** A random history whose clocks lie, pushed and deployed in any order. */
const worlds: fc.Arbitrary<World> = fc
  .record({
    parents: fc.array(fc.array(fc.nat(30), { maxLength: 2 }), { minLength: 1, maxLength: 14 }),
    clocks: fc.array(fc.integer({ min: -50_000, max: 50_000 }), { minLength: 14, maxLength: 14 }),
    pushes: fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 0, max: 90_000 })), { maxLength: 6 }),
    lives: fc.array(fc.tuple(fc.nat(30), fc.nat(90_000)), { maxLength: 6 }),
    hadLive: fc.boolean(),
  })
  .map(({ parents, clocks, pushes, lives, hadLive }) => {
    const name = (n: number) => `c${n % parents.length}`;
    return {
      hadLive,
      commits: parents.map((own, index) => ({
        sha: `c${index}`,
        parents: index === 0 ? [] : [...new Set(own.map((n) => `c${n % index}`))],
        committedAt: clocks[index] ?? 0,
      })),
      pushes: pushes.map(([n, receivedAt]) => ({ sha: name(n), receivedAt })),
      deployments: lives.map(([n, liveAt], index) => ({
        ...{ uuid: `d${index}`, number: index, sha: name(n), configVersion: 1, isRollback: false },
        ...{ liveAt, failedAt: null, originUuid: `d${index}`, originLiveAt: liveAt },
      })),
    };
  });

/** Commit by commit: the first deployment whose commit contains it, the first push that does. */
function naiveLeadTimes({ commits, pushes, deployments, hadLive }: World): number[] {
  const contains = (head: string, sha: string): boolean =>
    head === sha ||
    (commits.find((c) => c.sha === head)?.parents.some((p) => contains(p, sha)) ?? false);
  const byTime = [...deployments].sort(
    (a, b) => (a.liveAt ?? 0) - (b.liveAt ?? 0) || a.number - b.number,
  );
  return commits.flatMap(({ sha, committedAt }) => {
    const first = byTime.find((d) => contains(d.sha, sha));
    if (first === undefined || first.liveAt === null) return [];
    if (!hadLive && first === byTime[0] && first.sha !== sha) return [];
    const arrivals = pushes.filter((p) => contains(p.sha, sha)).map((p) => p.receivedAt);
    const arrived = arrivals.length === 0 ? first.liveAt : Math.min(...arrivals);
    return [Math.max(0, first.liveAt - Math.min(committedAt, arrived)) / 1_000];
  });
}

test('lead times are those of every commit from its time, or its arrival, to its first being live', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const samples = leadTimes(world.deployments, {
        graph: new Map(world.commits.map((commit) => [commit.sha, commit])),
        ...{ pushes: world.pushes, hadLive: world.hadLive },
      });
      const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
      expect(sorted(samples.map((s) => s.value))).toEqual(sorted(naiveLeadTimes(world)));
      expect(samples.every((s) => s.value >= 0)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

describe('flaky jobs', () => {
  const runs: fc.Arbitrary<JobRun[]> = fc
    .array(
      fc.record({
        sha: fc.constantFrom('a', 'b'),
        number: fc.integer({ min: 1, max: 2 }),
        name: fc.constantFrom('unit', null),
        passed: fc.boolean(),
      }),
      { maxLength: 14 },
    )
    .map((list) =>
      list.map((run, index) => ({ ...run, job: index, attempt: 1, stage: null, endedAt: index })),
    );

  test('are exactly those that both passed and failed on one commit', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const configs = new Map(suspects(all).map((job) => [job, 'same']));
        const found = findFlaky(all, configs);
        const label = (run: JobRun) => run.name ?? `job ${run.number}`;
        for (const name of new Set(all.map(label))) {
          const mine = all.filter((run) => label(run) === name);
          let flips = 0;
          for (const sha of ['a', 'b']) {
            const here = mine.filter((run) => run.sha === sha);
            flips += here.filter((run, n) => n > 0 && here[n - 1]?.passed !== run.passed).length;
          }
          const entry = found.find((job) => job.name === name);
          expect(entry?.flips ?? 0).toBe(flips);
          if (entry !== undefined) expect(entry.runs).toBe(mine.length);
        }
      }),
    );
  });

  test('are none where the configuration differs', () => {
    const run = { attempt: 1, sha: 'a', number: 1, stage: 'Test', name: 'unit' };
    const all: JobRun[] = [
      { ...run, job: 1, passed: false, endedAt: 1 },
      { ...run, job: 2, passed: true, endedAt: 2 },
    ];
    const configs = (first: string, second: string) =>
      new Map([
        [1, first],
        [2, second],
      ]);
    expect(findFlaky(all, configs('{}', '{"env":"A=1"}'))).toEqual([]);
    expect(findFlaky(all, configs('{}', '{}'))).toEqual([
      { name: 'Test: unit', flips: 1, runs: 2, lastAt: 2, job: 2 },
    ]);
  });
});
