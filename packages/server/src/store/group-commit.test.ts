import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';
import { openStore, type Store, type Trx } from './index.ts';

let dataDir: string;
let store: Store;
let transactions: number;
let groupCommit: Store['groupCommit'];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-group-'));
  store = await openStore({ dataDir });
  transactions = 0;
  groupCommit = createGroupCommit((work) => {
    transactions += 1;
    return store.transaction(work);
  });
  await sql`create table notes (text text primary key)`.execute(store.db);
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const note = (text: string) => async (trx: Trx) => {
  await sql`insert into notes values (${text})`.execute(trx);
  return text;
};
const texts = async () =>
  (await sql<{ text: string }>`select text from notes order by text`.execute(store.db)).rows.map(
    (row) => row.text,
  );

test('what comes at once shares transactions; each caller is answered with its own, committed', async () => {
  const other = new DatabaseSync(join(dataDir, 'sluice.db'), { readOnly: true });
  const seen = other.prepare('select count(*) as n from notes where text = ?');
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const text = await groupCommit(note(`n${index}`));
      // By another connection: it is durable, not only written.
      return { text, durable: seen.get(text)?.['n'] };
    }),
  );
  other.close();
  expect(answers).toEqual(
    Array.from({ length: 200 }, (_, index) => ({ text: `n${index}`, durable: 1 })),
  );
  expect(transactions).toBeLessThan(10);
});

test('one that fails takes nobody with it and leaves nothing behind', async () => {
  const broken = async (trx: Trx) => {
    await note('half')(trx);
    throw new Error('no');
  };
  const all = await Promise.allSettled([
    groupCommit(note('a')),
    groupCommit(broken),
    groupCommit(note('b')),
    groupCommit(note('a')),
  ]);
  expect(all.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(String(all[1]?.status === 'rejected' && all[1].reason)).toContain('no');
  expect(await texts()).toEqual(['a', 'b']);
});

test('statements that are kept see a table that has changed since', async () => {
  const all = () => sql`select * from notes`.execute(store.db);
  await groupCommit(note('a'));
  expect((await all()).rows).toEqual([{ text: 'a' }]);
  await sql`alter table notes add column size integer default 3`.execute(store.db);
  expect((await all()).rows).toEqual([{ text: 'a', size: 3 }]);
  // By another process, as an upgrade that runs beside it does.
  const other = new DatabaseSync(join(dataDir, 'sluice.db'));
  other.exec('alter table notes add column colour text');
  other.close();
  expect((await all()).rows).toEqual([{ text: 'a', size: 3, colour: null }]);
});
