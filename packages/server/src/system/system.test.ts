import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { createSystem } from './index.ts';
import type { Probes } from './types.ts';

let dataDir: string;
let store: Store;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-system-'));
  store = await openStore({ dataDir });
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const fine: Probes = {
  router: async () => 'It answers.',
  supervisor: async () => 'It answers.',
  executors: () => [],
  remoteExecutors: async () => [],
  maintenance: () => ({ waiting: 0, failures: [] }),
  edge: () => null,
};
const healthOf = (probes: Partial<Probes>, now?: () => Date) =>
  createSystem({
    ...{ store, dataDir, version: 'test', probes: { ...fine, ...probes } },
    ...(now === undefined ? {} : { now }),
  });
const part = async (name: string, system: ReturnType<typeof createSystem>) =>
  (await system.health()).parts.find((one) => one.name === name);

test('a process that is gone, or never answers, fails within seconds and hides nothing else', async () => {
  const gone = healthOf({
    router: async () => {
      throw new Error('The router does not answer.');
    },
    supervisor: () => new Promise(() => undefined),
  });
  const began = performance.now();
  const { status, parts } = await gone.health();
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(status).toBe('failing');
  const of = (name: string) => parts.find((one) => one.name === name);
  expect(of('router')).toMatchObject({
    ...{ status: 'failing', detail: 'The router does not answer.' },
    advice: expect.stringContaining('Restart'),
  });
  expect(of('supervisor')).toMatchObject({ status: 'failing', detail: 'It does not answer.' });
  expect(of('disk')).toBeDefined();
  expect(of('queue')?.status).toBe('ok');
});

test('a clock that is moved while the server runs is noticed', async () => {
  let ahead = 0;
  const system = healthOf({}, () => new Date(Date.now() + ahead));
  expect((await part('clock', system))?.status).toBe('ok');
  ahead = 10 * 60_000;
  expect(await part('clock', system)).toMatchObject({
    status: 'degraded',
    detail: expect.stringContaining('moved by 10 min'),
  });
});

test('without its master key an installation is failing, whatever else is well', async () => {
  const system = healthOf({});
  expect(await part('master key', system)).toMatchObject({ status: 'failing' });
  expect((await system.health()).status).toBe('failing');
});
