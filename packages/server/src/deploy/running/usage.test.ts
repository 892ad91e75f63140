import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../store/index.ts';
import type { InstanceSampleRow } from '../../store/schema/running.ts';
import { openStore } from '../../store/test/open-store.ts';
import { between, type Reading } from './readings.ts';
import { thin } from './thinning.ts';
import { environmentUsage } from './usage.ts';

const NOON = Date.UTC(2026, 0, 10, 12) / 1_000;
let dataDir: string;
let store: Store;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-thin-'));
  store = await openStore({ dataDir });
});

afterEach(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Every 15 s from `from` to `to` (both seconds before noon). */
async function samples(instance: string, from: number, to: number, cpu: number): Promise<void> {
  const rows: InstanceSampleRow[] = [];
  for (let at = NOON - from; at < NOON - to; at += 15) {
    rows.push({
      ...{ instance_uuid: instance, environment_uuid: 'e1', step: 15, at, cpu_percent: cpu },
      ...{ memory_bytes: 1_000, processes: 1, restarts: at % 300 === 0 ? 1 : 0 },
    });
  }
  await store.db.insertInto('instance_samples').values(rows).execute();
}

const count = async (step: number): Promise<number> =>
  (await store.db.selectFrom('instance_samples').select('at').where('step', '=', step).execute())
    .length;

test('fine rows live two hours, their means a week, and thinning again changes nothing', async () => {
  await samples('i1', 3 * 3_600, 0, 10);
  await thin(store, NOON * 1_000);
  expect(await count(15)).toBe((2 * 3_600) / 15);
  expect(await count(300)).toBe((3 * 3_600) / 300);
  const before = await store.db.selectFrom('instance_samples').selectAll().execute();
  await thin(store, NOON * 1_000);
  expect(await store.db.selectFrom('instance_samples').selectAll().execute()).toEqual(before);

  const week = 7 * 24 * 3_600;
  await thin(store, (NOON + week - 3_600) * 1_000);
  expect(await count(15)).toBe(0);
  expect(await count(300)).toBe(12);
});

test('instances add up, a stretch that is not over counts, and restarts are kept by the means', async () => {
  await samples('i1', 3 * 3_600, -120, 10);
  await samples('i2', 3_600, -120, 5);
  const now = (NOON + 120) * 1_000;
  await thin(store, now);

  const hour = await environmentUsage(store, 'e1', 1, now);
  expect(hour.step).toBe(15);
  expect(hour.points.at(-1)).toMatchObject({ cpuPercent: 15, memoryBytes: 2_000 });

  const day = await environmentUsage(store, 'e1', 24, now);
  expect(day.step).toBe(300);
  expect(day.points).toHaveLength(37);
  expect(day.points[0]).toEqual({
    ...{ at: '2026-01-10T09:00:00.000Z', cpuPercent: 10, memoryBytes: 1_000, restarts: 1 },
  });
  expect(day.points.at(-1)).toMatchObject({ at: '2026-01-10T12:00:00.000Z', cpuPercent: 15 });

  const week = await environmentUsage(store, 'e1', 168, now);
  expect(week.step).toBe(1_500);
  const restarts = (points: readonly { restarts: number }[]) =>
    points.reduce((sum, point) => sum + point.restarts, 0);
  expect(restarts(week.points)).toBe(restarts(day.points));
  expect(await environmentUsage(store, 'e2', 1, now)).toEqual({ step: 15, points: [] });
});

test('rates do not run wild when processes come and go', () => {
  const reading = (at: number, cpuMs: number, exits: number): Reading => ({
    at,
    instance: {
      ...{ instanceUuid: 'i', environmentUuid: 'e', service: 'web', port: null },
      ...{ exits, isUp: true, limits: null, lastExit: null },
    },
    usage: { instanceUuid: 'i', cpuMs, memoryBytes: 1, processes: 1 },
  });
  const rate = (before: Reading, now: Reading) => between(before, now);
  expect(rate(reading(0, 1_000, 0), reading(10_000, 6_000, 0)).cpuPercent).toBe(50);
  // Crashed and started again: what the new processes used is all there is.
  expect(rate(reading(0, 90_000, 3), reading(10_000, 1_000, 4))).toEqual({
    ...{ cpuPercent: 10, restarts: 1 },
  });
  // A process ended that nobody waited for.
  expect(rate(reading(0, 90_000, 0), reading(10_000, 50_000, 0)).cpuPercent).toBe(0);
  // The supervisor was started anew and counts from 0.
  expect(rate(reading(0, 1_000, 7), reading(10_000, 2_000, 0))).toEqual({
    ...{ cpuPercent: 10, restarts: 0 },
  });
});
