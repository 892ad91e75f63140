import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store, type StoreChange } from '../index.ts';

/** Several servers on one database, as stores in one process: what they share goes through PostgreSQL alone. */

const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);
const within = { timeout: 60_000, interval: 20 };
const change = (id: string): StoreChange => ({ kind: 'deployment', id, application: null });

describe.skipIf(skip)('two servers on one PostgreSQL', () => {
  let cluster: PostgresCluster;
  let dataDir: string;
  let databases = 0;
  let name: string;
  let a: Store;
  let b: Store;
  const open = () => openStore({ dataDir, databaseUrl: cluster.url(name), databaseConnections: 4 });

  beforeAll(async () => {
    cluster = await startPostgres();
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-shared-'));
  });
  afterAll(async () => {
    await cluster.destroy();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    databases += 1;
    name = `shared${databases}`;
    await cluster.psql('postgres', `create database ${name}`);
    // Both find it empty: one migrates, the other waits.
    [a, b] = await Promise.all([open(), open()]);
  });
  afterEach(() => Promise.all([a.close(), b.close()]));

  test('what a transaction emits is heard everywhere when it commits, and never when it rolls back', async () => {
    const heard: string[] = [];
    for (const store of [a, b]) store.changes.on(({ id }) => heard.push(id));
    const undone = a.transaction(async (trx) => {
      a.changes.emit(change('undone'), trx);
      a.events.emit('undone', trx);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    const woken = Promise.all([a, b].map((store) => store.events.wait('done', 60_000)));
    await a.transaction(async (trx) => {
      a.changes.emit(change('done'), trx);
      a.events.emit('done', trx);
    });
    a.changes.emit(change('alone'));
    expect(await woken).toEqual([true, true]);
    await expect.poll(() => heard.length, within).toBe(4);
    expect(heard.sort()).toEqual(['alone', 'alone', 'done', 'done']);
  });

  test('more than one notification holds is told in several, and what fits into none makes all read again', async () => {
    const heard = new Set<string>();
    let lost = 0;
    b.changes.on(({ id }) => heard.add(id));
    b.changes.onLost(() => {
      lost += 1;
    });
    const ids = Array.from({ length: 500 }, (_, index) => `${index}-${'x'.repeat(100)}`);
    await a.transaction(async (trx) => {
      for (const id of ids) a.changes.emit(change(id), trx);
    });
    await expect.poll(() => heard.size, within).toBe(ids.length);
    expect(lost).toBe(0);
    const place = b.changes.lastId();
    a.changes.emit(change('x'.repeat(9_000)));
    await expect.poll(() => lost, within).toBe(1);
    expect(b.changes.since(place)).toBeNull();
    expect(b.changes.since(b.changes.lastId())).toEqual([]);
  });

  test('a server whose connections were cut hears again, and reads again what it may have missed', async () => {
    let lost = 0;
    b.changes.onLost(() => {
      lost += 1;
    });
    const woken = b.events.wait('anything', 60_000);
    await cut('sluice listen');
    await expect.poll(() => lost, within).toBeGreaterThan(0);
    expect(await woken).toBe(true);
    const again = b.events.wait('again', 60_000);
    // The other server's line is made anew as well, and keeps what it has to tell until then.
    a.events.emit('again');
    expect(await again).toBe(true);
  });

  test('PostgreSQL crashes in the middle of a transaction: it fails, and all goes on when it is back', async () => {
    const kept = await a.transaction((trx) => a.messages.publish(trx, 'pull_build', MESSAGE));
    expect(kept).toBeUndefined();
    const entered = Promise.withResolvers<void>();
    const crashed = Promise.withResolvers<void>();
    const broken = a.transaction(async (trx) => {
      await a.messages.publish(trx, 'pull_build', MESSAGE);
      entered.resolve();
      await crashed.promise;
      await a.messages.publish(trx, 'pull_build', MESSAGE);
    });
    const refused = expect(broken).rejects.toThrow();
    await entered.promise;
    let lost = 0;
    b.changes.onLost(() => {
      lost += 1;
    });
    await cluster.kill();
    crashed.resolve();
    await refused;
    await cluster.start();
    await expect.poll(() => lost, within).toBeGreaterThan(0);
    const heard = b.events.wait('back', 60_000);
    await expect.poll(() => a.messages.waiting('ci').catch(() => null), within).toBe(1);
    await expect
      .poll(() => a.locks.holdIfFree('back', async () => 'held').catch(() => null), within)
      .toBe('held');
    await a.transaction(async (trx) => a.events.emit('back', trx));
    expect(await heard).toBe(true);
  });

  test('check-then-act in a transaction is never overtaken by another server', async () => {
    const count = async (store: Store) => {
      for (let times = 0; times < 25; times += 1) {
        await store.transaction(async (trx) => {
          const { sequence } = await trx
            .selectFrom('audit_head')
            .select('sequence')
            .executeTakeFirstOrThrow();
          await trx
            .updateTable('audit_head')
            .set({ sequence: sequence + 1 })
            .execute();
        });
      }
    };
    await Promise.all([count(a), count(a), count(b), count(b)]);
    const { sequence } = await a.db
      .selectFrom('audit_head')
      .select('sequence')
      .executeTakeFirstOrThrow();
    expect(sequence).toBe(100);
  });

  test('one holds a lock at a time; who loses the database loses it, and learns so', async () => {
    const stop = new AbortController();
    const entered = Promise.withResolvers<AbortSignal>();
    const first = a.locks.hold('deployment', async (lost) => {
      entered.resolve(lost);
      await new Promise<void>((done) => lost.addEventListener('abort', () => done()));
      return 'lost';
    });
    const lost = await entered.promise;
    expect(await b.locks.holdIfFree('deployment', async () => 'mine')).toBeNull();
    expect(await a.locks.holdIfFree('deployment', async () => 'mine')).toBeNull();
    expect(await b.locks.holdIfFree('another', async () => 'mine')).toBe('mine');
    const second = b.locks.hold('deployment', async () => 'mine', stop.signal);
    await cut('sluice locks');
    expect(await first).toBe('lost');
    expect(lost.aborted).toBe(true);
    expect(await second).toBe('mine');
    const gone = b.locks.hold('deployment', async () => {
      stop.abort();
      return a.locks.hold('deployment', async () => 'never', stop.signal);
    });
    expect(await gone).toBeNull();
  });

  test('messages are consumed by one server in order, and by the other when that one goes', async () => {
    const seen: string[] = [];
    const consume = (store: Store, who: string) =>
      store.messages.consume('ci', 'pull_build', async ({ request }) => {
        seen.push(`${who} ${request}`);
      });
    const send = (store: Store, from: number, to: number) =>
      store.transaction(async (trx) => {
        for (let index = from; index < to; index += 1) {
          await store.messages.publish(trx, 'pull_build', { ...MESSAGE, request: String(index) });
        }
      });
    const stopA = consume(a, 'a');
    await send(b, 0, 10);
    await expect.poll(() => seen.length, within).toBe(10);
    const stopB = consume(b, 'b');
    await send(b, 10, 20);
    await expect.poll(() => seen.length, within).toBe(20);
    await stopA();
    await send(a, 20, 30);
    await expect.poll(() => seen.length, within).toBe(30);
    await stopB();
    const expected = Array.from({ length: 30 }, (_, index) => `${index < 20 ? 'a' : 'b'} ${index}`);
    expect(seen).toEqual(expected);
  });

  test('a server of the version before goes on, and starts again, after a newer one has added to the schema', async () => {
    await cluster.psql(name, 'alter table messages add column later text');
    const ran = (migration: string) =>
      cluster.psql(name, `insert into kysely_migration values ('${migration}', '2030-01-01')`);
    await ran('9998-later');
    await a.transaction((trx) => a.messages.publish(trx, 'pull_build', MESSAGE));
    const again = await open();
    expect(await again.messages.waiting('ci')).toBe(1);
    await again.close();
    await ran('9999-other-breaking');
    await expect(open()).rejects.toMatchObject({ reason: 'newer_database' });
  });

  test('says what is wrong with an address that leads nowhere', async () => {
    const databaseUrl = 'postgres://sluice:secret@127.0.0.1:1/none';
    const failed = openStore({ dataDir, databaseUrl });
    await expect(failed).rejects.toThrow(/cannot be opened/);
    await expect(failed).rejects.not.toThrow(/secret/);
    const missing = openStore({ dataDir, databaseUrl: cluster.url('nothing') });
    await expect(missing).rejects.toMatchObject({
      code: 'unavailable',
      remedy: expect.stringContaining('createdb'),
    });
  });

  const cut = (application: string) =>
    cluster.psql(
      'postgres',
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${application}'`,
    );
});

const MESSAGE = {
  ...{ repositoryUuid: 'r', number: 1, title: '', draft: false, sender: '', trusted: true },
  head: { sha: '', ref: '', slug: '' },
  ...{ baseRef: '', baseSha: '', sha: '', ref: '', request: '' },
};
