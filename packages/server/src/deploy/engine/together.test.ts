import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Kit, openKit } from './test/kit.ts';

/** Signals that come at the same moment share a transaction; what becomes of each must not show it. */

let dataDir: string;
let kit: Kit;
let decisions: number;
let waiting: number;
/** While it is set, decisions wait for it: so that the signals behind the first gather. */
let gate: Promise<void> | null;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-together-'));
  decisions = 0;
  waiting = 0;
  gate = null;
  kit = await openKit(dataDir, {
    debugPoint: async (name) => {
      if (name === 'waiting:signal') waiting += 1;
      if (name !== 'decided:signal') return;
      decisions += 1;
      await gate;
    },
  });
  await kit.deploy.start();
});

afterEach(async () => {
  await kit.close();
  await rm(dataDir, { recursive: true, force: true });
  expect(kit.errors).toEqual([]);
});

/** Sends the first; the others wait together until it is through. */
async function atOnce<T>(
  signals: readonly (() => Promise<T>)[],
): Promise<PromiseSettledResult<T>[]> {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const before = { decisions, waiting };
  const sent = Promise.allSettled(signals.map((signal) => signal()));
  await expect.poll(() => decisions, { timeout: 60_000 }).toBe(before.decisions + 1);
  await expect.poll(() => waiting, { timeout: 60_000 }).toBe(before.waiting + signals.length);
  gate = null;
  open();
  return sent;
}

async function rowsOf(environmentUuid: string) {
  const rows = await kit.store.db
    .selectFrom('deployments')
    .select(['number', 'sha', 'status', 'rule', 'superseded_by', 'success', 'reason'])
    .where('environment_uuid', '=', environmentUuid)
    .orderBy('number')
    .execute();
  const signals = await kit.store.db
    .selectFrom('signals')
    .innerJoin('deployments', 'deployments.uuid', 'signals.deployment_uuid')
    .select(['deployments.number', 'signals.target', 'signals.joined'])
    .where('signals.environment_uuid', '=', environmentUuid)
    .orderBy('signals.arrived_at')
    .orderBy('signals.target')
    .orderBy('deployments.number')
    .execute();
  type Signal = { target: string | null; number: number; joined: number };
  const byText = ({ target, number, joined }: Signal) => `${target} ${number} ${joined}`;
  const events = await kit.store.db
    .selectFrom('deployment_events as e')
    .innerJoin('deployments as d', 'd.uuid', 'e.deployment_uuid')
    .select(['d.number', 'e.from_status', 'e.to_status', 'e.rule', 'e.superseded_by'])
    .where('e.environment_uuid', '=', environmentUuid)
    .orderBy('e.id')
    .execute();
  return { rows, signals: signals.sort((a, b) => (byText(a) < byText(b) ? -1 : 1)), events };
}

test('thirty at once end as thirty one after the other, in a few transactions', async () => {
  const { live, test: other, repositoryUuid } = await kit.makeApplication();
  const shas: string[] = [];
  for (let i = 0; i < 10; i++) shas.push(await kit.pushNew(repositoryUuid));
  const order = Array.from({ length: 30 }, (_, i) => shas[(i * 7 + (i >> 2)) % shas.length] ?? '');

  const sent = await atOnce(order.map((sha) => () => kit.signal(live.uuid, sha)));
  expect(sent.every((one) => one.status === 'fulfilled')).toBe(true);
  expect(decisions).toBeLessThan(6);
  for (const sha of order) await kit.signal(other.uuid, sha);
  expect(await rowsOf(live.uuid)).toEqual(await rowsOf(other.uuid));
});

test('one that cannot be written fails alone, and a key that comes twice is one signal', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const c2 = await kit.pushNew(repositoryUuid);
  const key = { idempotencyKey: 'one-key' };
  const sent = await atOnce([
    () => kit.signal(live.uuid, c1),
    () => kit.signal(live.uuid, c2, key),
    () => kit.signal(live.uuid, c2, key),
    () => kit.signal(live.uuid, c1, key),
    () => kit.signal(live.uuid, c2),
  ]);
  expect(sent.map((one) => one.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(sent[3]).toMatchObject({ reason: { reason: 'idempotency_key_reused' } });
  const uuids = sent.map((one) => (one.status === 'fulfilled' ? one.value.uuid : null));
  expect(uuids[1]).toBe(uuids[2]);
  expect(uuids[4]).toBe(uuids[1]);
  const signals = await kit.store.db.selectFrom('signals').selectAll().execute();
  expect(signals).toHaveLength(3);
});

test('on hold, the same request over and over is remembered once, by its newest deployment', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const first = await kit.signal(live.uuid, c1);
  (await kit.pipeline.runOf(c1)).succeed();
  await kit.untilEnded(first.uuid);
  await kit.store.db
    .updateTable('environment_state')
    .set({ hold_since: new Date().toISOString(), hold_by: 'ada', hold_reason: 'a look' })
    .where('environment_uuid', '=', live.uuid)
    .execute();
  const c2 = await kit.pushNew(repositoryUuid);
  const sent = await atOnce(Array.from({ length: 12 }, () => () => kit.signal(live.uuid, c2)));
  const uuids = sent.map((one) => (one.status === 'fulfilled' ? one.value.uuid : ''));
  expect(new Set(uuids).size).toBe(12);
  const state = await kit.store.db
    .selectFrom('environment_state')
    .selectAll()
    .where('environment_uuid', '=', live.uuid)
    .executeTakeFirstOrThrow();
  expect(JSON.parse(state.remembered)).toMatchObject([{ sha: c2, number: 13 }]);
  expect(state.candidate_number).toBe(13);
  const resumed = await kit.deploy.resume(live.uuid, { userUuid: 'p', email: 'ada@example.com' });
  (await kit.pipeline.runOf(c2)).succeed();
  expect(resumed).not.toBeNull();
  await expect
    .poll(async () => (await kit.deploy.environmentState(live.uuid)).liveCommit, {
      timeout: 60_000,
    })
    .toBe(c2);
});
