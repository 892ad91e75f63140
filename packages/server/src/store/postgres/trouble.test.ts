import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../index.ts';
import { troubleOf } from '../trouble.ts';

const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);

/** What people are told when PostgreSQL itself is the trouble, and that all goes on afterwards. */
describe.skipIf(skip)('PostgreSQL in trouble', () => {
  let cluster: PostgresCluster;
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    cluster = await startPostgres();
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-trouble-'));
    await cluster.psql('postgres', 'create database trouble');
    store = await openStore({
      ...{ dataDir, databaseUrl: cluster.url('trouble'), databaseConnections: 3 },
    });
  });
  afterAll(async () => {
    await store?.close();
    await cluster?.destroy();
    await rm(dataDir, { recursive: true, force: true });
  });

  const write = () =>
    store.transaction((trx) =>
      trx.updateTable('audit_head').set({ sequence: 0 }).where('id', '=', 1).execute(),
    );
  const read = () => store.db.selectFrom('audit_head').selectAll().execute();
  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => 'it works',
      (error: unknown) => troubleOf(error)?.reason ?? `no trouble: ${String(error)}`,
    );
  const worksAgain = async () => {
    const within = { timeout: 60_000, interval: 50 };
    await expect.poll(() => reasonOf(write()), within).toBe('it works');
    // More than there are connections: none of them is broken or was lost.
    const all = await Promise.all(Array.from({ length: 12 }, () => reasonOf(read())));
    expect(new Set(all)).toEqual(new Set(['it works']));
  };

  test('it is gone, in the middle of a transaction and before one, and comes back', async () => {
    const begun = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const broken = store.transaction(async (trx) => {
      begun.resolve();
      await gone.promise;
      await trx.selectFrom('audit_head').selectAll().execute();
    });
    const reason = reasonOf(broken);
    await begun.promise;
    await cluster.kill();
    gone.resolve();
    expect(await reason).toBe('database_away');
    expect(await reasonOf(read())).toBe('database_away');
    expect(await reasonOf(write())).toBe('database_away');
    await cluster.start();
    await worksAgain();
  });

  test('a statement takes too long, and a lock is not to be had', async () => {
    const slow = store.transaction(async (trx) => {
      await sql`set local statement_timeout = 50`.execute(trx);
      await sql`select pg_sleep(60)`.execute(trx);
    });
    expect(await reasonOf(slow)).toBe('database_busy');
    const waits = store.transaction(async (trx) => {
      await sql`set local lock_timeout = 50`.execute(trx);
      await held(() => trx.updateTable('audit_head').set({ sequence: 0 }).execute());
    });
    expect(await reasonOf(waits)).toBe('database_busy');
    await worksAgain();
  });

  test('all connections are in use, for longer than somebody waits', async () => {
    const free = Promise.withResolvers<void>();
    const users = Array.from({ length: 3 }, () =>
      store.db.connection().execute(() => free.promise),
    );
    expect(await reasonOf(read())).toBe('database_busy');
    free.resolve();
    await Promise.all(users);
    await worksAgain();
  });

  test('it takes no changes: reading goes on', async () => {
    await cluster.psql('postgres', "alter system set default_transaction_read_only = 'on'");
    await cluster.psql('postgres', 'select pg_reload_conf()');
    await expect.poll(() => reasonOf(write()), { timeout: 60_000 }).toBe('database_read_only');
    expect(await reasonOf(read())).toBe('it works');
    await cluster.psql('postgres', 'alter system reset default_transaction_read_only');
    await cluster.psql('postgres', 'select pg_reload_conf()');
    await worksAgain();
  });

  test('its disk is full: nothing is kept, and reading goes on', async () => {
    // PostgreSQL's own error: a file system of its own, full, needs more rights than a test has.
    await cluster.psql(
      'trouble',
      "create function full_disk() returns trigger language plpgsql as 'begin raise sqlstate ''53100''; end'",
    );
    await cluster.psql(
      'trouble',
      'create trigger full_disk before update on audit_head for each row execute function full_disk()',
    );
    expect(await reasonOf(write())).toBe('database_full');
    expect(await reasonOf(read())).toBe('it works');
    await cluster.psql('trouble', 'drop trigger full_disk on audit_head');
    await worksAgain();
  });

  test('an error that is no trouble of the database is none, whoever it came from', async () => {
    expect(await reasonOf(sql`select * from no_such_table`.execute(store.db))).toContain(
      'no trouble',
    );
    const elsewhere = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(troubleOf(elsewhere)).toBeNull();
    expect(troubleOf(new Error('x', { cause: elsewhere }))).toBeNull();
  });

  /** While somebody outside of Sluice has the row. */
  async function held(work: () => Promise<unknown>): Promise<void> {
    await store.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (other) => {
        await sql`select * from audit_head for update`.execute(other);
        await work();
      });
  }
});
