import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, lacks, type PostgresCluster, startPostgres } from '@sluice/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccounts } from '../../accounts/index.ts';
import { openStore, type Store } from '../index.ts';
import { moveStore } from './index.ts';
import { parentsFirst } from './source.ts';

test('what is referred to comes before what refers to it', () => {
  const parents = new Map([
    ['jobs', ['builds', 'stages']],
    ['stages', ['builds', 'stages']],
  ]);
  expect(parentsFirst(['jobs', 'stages', 'builds'], parents)).toEqual(['builds', 'stages', 'jobs']);
});

const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);

describe.skipIf(skip)('an embedded database moves to PostgreSQL', () => {
  let cluster: PostgresCluster;
  let dataDir: string;
  let path: string;
  const people = 2_500;

  beforeAll(async () => {
    cluster = await startPostgres();
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-move-'));
    path = join(dataDir, 'sluice.db');
    const store = await openStore({ dataDir });
    const accounts = createAccounts({ store });
    await accounts.createAdministrator({ email: 'ada@example.com', password: null }, 'test');
    await manyUsers(store);
    // A number that was given and whose row is gone must not be given again.
    await store.transaction((trx) => store.messages.publish(trx, 'build', BUILD));
    await store.db.deleteFrom('messages').execute();
    await store.close();
  });
  afterAll(async () => {
    await cluster.destroy();
    await rm(dataDir, { recursive: true, force: true });
  });

  const manyUsers = async (store: Store) => {
    const rows = Array.from({ length: people }, (_, index) => ({
      ...{ uuid: `user-${index}`, email: `p${index}@example.com` },
      ...{ first_name: index % 2 === 0 ? 'Zoë 𝒳' : '', last_name: 'O\'Neill\n"x"\\' },
      ...{ password_hash: null, is_machine: 0, is_admin: 0 },
      ...{ created_at: '2026-01-01T00:00:00.000Z', disabled_at: null },
    }));
    for (let from = 0; from < people; from += 500) {
      await store.db
        .insertInto('users')
        .values(rows.slice(from, from + 500))
        .execute();
    }
  };
  const move = (database: string) => {
    const databaseUrl = cluster.url(database);
    return moveStore({
      ...{ path, databaseUrl, progress: () => {} },
      prepare: async () => (await openStore({ dataDir, databaseUrl })).close(),
    });
  };
  const digest = async () =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');

  test('with every row, its counters and its chain, and is left as it was', async () => {
    await cluster.psql('postgres', 'create database target');
    const before = await digest();
    const moved = await move('target');
    expect(moved.find(({ name }) => name === 'users')?.rows).toBe(people + 1);
    expect(await digest()).toBe(before);
    const store = await openStore({ dataDir, databaseUrl: cluster.url('target') });
    try {
      const accounts = createAccounts({ store });
      expect(await accounts.verifyAudit()).toMatchObject({ intact: true });
      expect((await accounts.people.accounts({}, { offset: 0, limit: 1 })).count).toBe(people + 1);
      const odd = await store.db
        .selectFrom('users')
        .selectAll()
        .where('uuid', '=', 'user-0')
        .execute();
      expect(odd).toMatchObject([
        { first_name: 'Zoë 𝒳', last_name: 'O\'Neill\n"x"\\', is_admin: 0 },
      ]);
      await store.transaction((trx) => store.messages.publish(trx, 'build', BUILD));
      const { id } = await store.db
        .selectFrom('messages')
        .select('id')
        .orderBy('id')
        .executeTakeFirstOrThrow();
      // Two consumers had 1 and 2.
      expect(id).toBe(3);
    } finally {
      await store.close();
    }
    await expect(move('target')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('not at all when one row would arrive differently', async () => {
    await cluster.psql('postgres', 'create database changed');
    const prepare = async () => {
      const store = await openStore({ dataDir, databaseUrl: cluster.url('changed') });
      // As a trigger or a lossy encoding would.
      await sql`create function spoil() returns trigger language plpgsql as
        'begin if new.uuid = ''user-7'' then new.last_name = ''''; end if; return new; end'`.execute(
        store.db,
      );
      await sql`create trigger spoil before insert on users for each row execute function spoil()`.execute(
        store.db,
      );
      await store.close();
    };
    const databaseUrl = cluster.url('changed');
    const moving = moveStore({ path, databaseUrl, prepare, progress: () => {} });
    await expect(moving).rejects.toThrow('users did not arrive as it was');
    expect(await cluster.psql('changed', 'select count(*) from users')).toBe('0');
  });
});

const BUILD = { repositoryUuid: 'r', sha: 'a'.repeat(40), buildId: 1, state: 'passed' };
