import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { databaseUrlOf, openStore } from '../store/test/open-store.ts';
import { type Accounts, createAccounts } from './index.ts';

const run = promisify(execFile);
const ADMIN = join(import.meta.dirname, '../admin/main.ts');

let dataDir: string;
let store: Store;
let accounts: Accounts;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-two-'));
  store = await openStore({ dataDir });
  accounts = createAccounts({ store });
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Found with a plain `begin`: "database is locked" in four of six programs. */
test('several admin programs and a busy server write side by side, and the chain holds', async () => {
  const user = await accounts.createAdministrator(
    { email: 'admin@example.com', password: null },
    'test',
  );
  let isDone = false;
  const server = (async () => {
    let made = 0;
    while (!isDone) {
      await accounts.createToken({ userUuid: user.uuid, name: 'busy' }, 'test');
      made += 1;
      // A real server sleeps between requests; without it the lock would never be free.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return made;
  })();
  const SLUICE_DATABASE_URL = await databaseUrlOf(dataDir);
  const programs = [1, 2, 3, 4].map((number) =>
    run(
      process.execPath,
      [
        ...[ADMIN, 'create-user', '--machine', '--data', dataDir],
        ...['--email', `machine${number}@example.com`],
      ],
      { env: { ...process.env, SLUICE_DATABASE_URL } },
    ),
  );
  const outcomes = await Promise.allSettled(programs);
  isDone = true;
  const tokens = await server;
  expect(outcomes.map(({ status }) => status)).toEqual(programs.map(() => 'fulfilled'));
  expect((await accounts.people.accounts({}, { offset: 0, limit: 10 })).count).toBe(5);
  expect(await accounts.verifyAudit()).toEqual({ intact: true, entries: 5 + tokens });
});
