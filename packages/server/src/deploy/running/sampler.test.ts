import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../store/index.ts';
import { openStore } from '../../store/test/open-store.ts';
import { createSupervisor, type Supervisor, shutDownSupervisor } from '../supervisor/index.ts';
import { environmentInstances } from './instances.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { environmentUsage } from './usage.ts';

/** Real programs below a real supervisor; only the clock of the rows is moved. */
const BURNS = 'const end = Date.now() + 60000; while (Date.now() < end);';
const IDLES = 'setInterval(() => undefined, 1000);';
/** Its child does the work, as in a server with workers. */
const CHILD_BURNS = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(BURNS)}]);`;

let dataDir: string;
let supervisor: Supervisor;
let store: Store;
let sampler: Sampler;
const problems: unknown[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-use-'));
  supervisor = createSupervisor({ dataDir, backOffMs: 50 });
  store = await openStore({ dataDir });
  problems.length = 0;
  sampler = makeSampler();
});

afterEach(async () => {
  await sampler.stop();
  await store.close();
  await supervisor.unwatch();
  await shutDownSupervisor(dataDir, 100);
  rmSync(dataDir, { recursive: true, force: true });
});

const makeSampler = (now?: () => number): Sampler =>
  createSampler({
    store,
    ...(now === undefined ? {} : { now }),
    onError: (error) => problems.push(error),
    runtime: {
      instances: async () =>
        (await supervisor.instances()).map((one) => ({
          ...{ ...one, instanceUuid: one.id, isUp: true, limits: null, lastExit: null },
        })),
      usage: async () =>
        (await supervisor.usage())?.map((one) => ({ ...one, instanceUuid: one.id })) ?? null,
    },
  });

async function run(id: string, code: string, environmentUuid = 'e1'): Promise<void> {
  await supervisor.startInstance({
    ...{ id, environmentUuid, service: 'web', port: null, graceMs: 100 },
    program: {
      argv: [process.execPath, '-e', code],
      env: { PATH: process.env['PATH'] ?? '' },
      cwd: tmpdir(),
      sandbox: null,
    },
  });
  const at = new Date().toISOString();
  await store.db
    .insertInto('instances')
    .values({
      ...{ uuid: id, environment_uuid: environmentUuid, release_uuid: 'r', deployment_uuid: 'd' },
      ...{ service: 'web', host: '127.0.0.1', port: null, state: 'serving' },
      ...{ created_at: at, stopped_at: null },
    })
    .execute();
}

/** A program that is only being loaded has hardly any memory yet. */
const isLoaded = (id: string) =>
  expect
    .poll(async () => (await supervisor.usage())?.find((one) => one.id === id)?.memoryBytes ?? 0, {
      timeout: 60_000,
    })
    .toBeGreaterThan(1_000_000);

test('a program that works uses more of the processor than one that waits, also by its children', async () => {
  await run('burns', BURNS);
  await run('child', CHILD_BURNS);
  await run('idles', IDLES);
  for (const id of ['burns', 'child', 'idles']) await isLoaded(id);
  await pause(500);
  await sampler.sample();
  expect(sampler.newest('burns')?.cpuPercent).toBeNull();
  await pause(1_500);
  await sampler.sample();
  expect(problems).toEqual([]);

  const of = (uuid: string) => sampler.newest(uuid)?.cpuPercent ?? -1;
  expect(of('idles')).toBeGreaterThanOrEqual(0);
  expect(of('burns')).toBeGreaterThan(of('idles') + 5);
  expect(of('child')).toBeGreaterThan(of('idles') + 5);

  const instances = await environmentInstances(store, sampler, 'e1');
  expect(instances.map(({ uuid, state }) => [uuid, state]).sort()).toEqual([
    ['burns', 'serving'],
    ['child', 'serving'],
    ['idles', 'serving'],
  ]);
  for (const { memoryBytes, processes, uuid } of instances) {
    expect(memoryBytes, uuid).toBeGreaterThan(1_000_000);
    expect(processes, uuid).toBe(uuid === 'child' ? 2 : 1);
  }
});

test('samples outlive the server; another one goes on with them', async () => {
  let shift = 0;
  const now = () => Date.now() + shift;
  await run('i1', IDLES);
  await isLoaded('i1');
  const first = makeSampler(now);
  await first.sample();
  shift = 15_000;
  await first.sample();
  await first.stop();

  const second = makeSampler(now);
  shift = 30_000;
  await second.sample();
  shift = 45_000;
  await second.sample();
  const { step, points } = await environmentUsage(store, 'e1', 1, now());
  expect(step).toBe(15);
  expect(points).toHaveLength(2);
  expect(points[0]?.memoryBytes).toBeGreaterThan(1_000_000);
});

test('a program that crashes is counted as often as it was started again', async () => {
  await run('crashes', 'setTimeout(() => process.exit(1), 300)');
  await sampler.sample();
  for (const giveUpAt = Date.now() + 15_000; Date.now() < giveUpAt; await pause(50)) {
    if (((await supervisor.instances())[0]?.exits ?? 0) >= 2) break;
  }
  await sampler.sample();
  const [instance] = await environmentInstances(store, sampler, 'e1');
  expect(instance?.restarts).toBeGreaterThanOrEqual(2);
});

test('a supervisor that cannot say what is used leaves gaps, no errors', async () => {
  await run('i1', IDLES);
  const old = createSampler({
    store,
    onError: (error) => problems.push(error),
    runtime: {
      instances: async () =>
        (await supervisor.instances()).map((one) => ({
          ...{ ...one, instanceUuid: one.id, isUp: true, limits: null, lastExit: null },
        })),
      usage: async () => null,
    },
  });
  await old.sample();
  await old.sample();
  const [instance] = await environmentInstances(store, old, 'e1');
  expect(instance).toMatchObject({ restarts: 0, cpuPercent: null, memoryBytes: null });
  expect((await environmentUsage(store, 'e1', 1, Date.now())).points).toEqual([]);
  expect(problems).toEqual([]);
});
