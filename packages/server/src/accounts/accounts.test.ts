import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore, unprotectAuditLog } from '../store/test/open-store.ts';
import { type Accounts, createAccounts, type Identity } from './index.ts';

let dataDir: string;
let store: Store;
let accounts: Accounts;
let now: Date;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-accounts-'));
  store = await openStore({ dataDir });
  now = new Date('2026-01-01T00:00:00.000Z');
  accounts = createAccounts({ store, now: () => now });
});

afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const PASSWORD = 'correct horse battery';
const administrator = () =>
  accounts.createAdministrator({ email: 'Admin@Example.com ', password: PASSWORD }, 'test');

const byToken = (...candidates: string[]) =>
  accounts.authenticate({ kind: 'token', candidates }, '10.0.0.1');

async function signedIn(token: string): Promise<Identity> {
  const identity = await byToken(token);
  if (identity === null) throw new Error('not signed in');
  return identity;
}

describe('passwords', () => {
  const signIn = (email: string, password: string, source = '10.0.0.1') =>
    accounts.authenticate({ kind: 'password', email, password }, source);

  test('open the account, whatever the case of the email', async () => {
    const { uuid } = await administrator();
    expect(await signIn('ADMIN@example.com', PASSWORD)).toMatchObject({ userUuid: uuid });
    expect(await signIn('admin@example.com', `${PASSWORD}!`)).toBeNull();
  });

  test('never stand in the database', async () => {
    await administrator();
    const row = await store.db
      .selectFrom('users')
      .select('password_hash')
      .executeTakeFirstOrThrow();
    expect(row.password_hash).toMatch(/^scrypt\$32768\$8\$1\$/);
    expect(row.password_hash).not.toContain(PASSWORD);
  });

  test('do not open a machine user or a disabled account', async () => {
    await administrator();
    await accounts.createMachineUser({ email: 'ci@example.com' }, null, 'test');
    expect(await signIn('ci@example.com', '')).toBeNull();
    const person = await accounts.createUser(
      { email: 'p@example.com', password: PASSWORD },
      null,
      'test',
    );
    await accounts.users.update(person.uuid, { disabled: true }, 'test');
    expect(await signIn('p@example.com', PASSWORD)).toBeNull();
  });

  test('run out of attempts alike for accounts that exist and that do not', async () => {
    await administrator();
    for (const email of ['admin@example.com', 'nobody@example.com']) {
      for (let attempt = 0; attempt < 20; attempt += 1) {
        expect(await signIn(email, 'wrong wrong wrong')).toBeNull();
      }
      await expect(signIn(email, PASSWORD)).rejects.toMatchObject({ code: 'rate_limited' });
    }
    // The owner elsewhere is not locked out by it, and neither is anybody after a quarter of an hour.
    expect(await signIn('admin@example.com', PASSWORD, '10.0.0.2')).not.toBeNull();
    now = new Date(now.getTime() + 16 * 60_000);
    expect(await signIn('admin@example.com', PASSWORD)).not.toBeNull();
  });

  test('sent at once do not slip past the limit together', async () => {
    await administrator();
    const attempts = Array.from({ length: 30 }, () => signIn('admin@example.com', 'wrong wrong'));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
  });
});

describe('access tokens', () => {
  test('are shown once and stored as a hash', async () => {
    const user = await administrator();
    const made = await accounts.createToken({ userUuid: user.uuid, name: 'laptop' }, 'test');
    expect(made.token).toMatch(/^slc_[0-9A-Za-z]{40}$/);
    const everything = JSON.stringify([
      await store.db.selectFrom('access_tokens').selectAll().execute(),
      await store.db.selectFrom('audit_log').selectAll().execute(),
    ]);
    expect(everything).not.toContain(made.token);
    expect((await signedIn(made.token)).userUuid).toBe(user.uuid);
  });

  test('of several candidates the valid one counts', async () => {
    const user = await administrator();
    const { token } = await accounts.createToken({ userUuid: user.uuid, name: '' }, 'test');
    expect(await byToken('nonsense', 'c2xj', token)).not.toBeNull();
    expect(await byToken('nonsense', `${token}x`)).toBeNull();
  });

  test('expire, are revoked, and end with their account', async () => {
    const user = await accounts.createUser(
      { email: 'p@example.com', password: PASSWORD },
      null,
      'test',
    );
    const make = (expiresAt: string | null) =>
      accounts.createToken({ userUuid: user.uuid, name: '', expiresAt }, 'test');
    const expiring = await make('2026-01-01T01:00:00Z');
    const revoked = await make(null);
    const other = await make(null);
    await accounts.revokeToken(revoked.uuid, 'test');
    expect(await byToken(revoked.token)).toBeNull();
    expect(await byToken(expiring.token)).not.toBeNull();
    now = new Date('2026-01-01T01:00:00Z');
    expect(await byToken(expiring.token)).toBeNull();
    await accounts.users.update(user.uuid, { disabled: true }, 'test');
    expect(await byToken(other.token)).toBeNull();
    await expect(make('2025-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'invalid' });
  });

  test('tell when they were last used, at most once a minute', async () => {
    const user = await administrator();
    const { token } = await accounts.createToken({ userUuid: user.uuid, name: '' }, 'test');
    const lastUse = async () => (await accounts.listTokens(user.uuid))[0]?.lastUsedAt;
    await byToken(token);
    expect(await lastUse()).toBe('2026-01-01T00:00:00.000Z');
    now = new Date('2026-01-01T00:00:30Z');
    await byToken(token);
    expect(await lastUse()).toBe('2026-01-01T00:00:00.000Z');
    now = new Date('2026-01-01T00:01:00Z');
    await byToken(token);
    expect(await lastUse()).toBe('2026-01-01T00:01:00.000Z');
  });

  test("of a job read the job's repository, nothing else, and end with the job", async () => {
    const token = await accounts.createJobToken(7, 'repository-a');
    const job = await signedIn(token);
    expect(await accounts.may(job, 'repository:read', { repositoryUuid: 'repository-a' })).toBe(
      true,
    );
    expect(await accounts.may(job, 'repository:read', { repositoryUuid: 'repository-b' })).toBe(
      false,
    );
    expect(await accounts.may(job, 'repository:push', { repositoryUuid: 'repository-a' })).toBe(
      false,
    );
    expect(await accounts.may(job, 'token:manage')).toBe(false);
    expect(await accounts.reach(job)).toMatchObject({ everything: false, only: [] });
    await accounts.endJobToken(7);
    expect(await byToken(token)).toBeNull();
  });
});

describe('setup links', () => {
  const person = { email: 'first@example.com', password: PASSWORD };

  test('make one administrator, once', async () => {
    const link = await accounts.createSetupLink();
    expect(await accounts.hasAdministrator()).toBe(false);
    expect(await accounts.isSetupLinkOpen(link)).toBe(true);
    const user = await accounts.redeemSetupLink(link, person);
    expect(user.isAdmin).toBe(true);
    expect(await accounts.hasAdministrator()).toBe(true);
    await expect(
      accounts.redeemSetupLink(link, { ...person, email: 'second@example.com' }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('survive a wrong password, but not a day, nor a newer link', async () => {
    const link = await accounts.createSetupLink();
    await expect(
      accounts.redeemSetupLink(link, { ...person, password: 'short' }),
    ).rejects.toMatchObject({ code: 'invalid' });
    expect(await accounts.isSetupLinkOpen(link)).toBe(true);
    const newer = await accounts.createSetupLink();
    expect(await accounts.isSetupLinkOpen(link)).toBe(false);
    now = new Date('2026-01-02T00:00:01Z');
    expect(await accounts.isSetupLinkOpen(newer)).toBe(false);
    await expect(accounts.redeemSetupLink(newer, person)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('used twice at the same moment make one administrator', async () => {
    const link = await accounts.createSetupLink();
    const outcomes = await Promise.allSettled([
      accounts.redeemSetupLink(link, person),
      accounts.redeemSetupLink(link, { ...person, email: 'other@example.com' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('the audit log', () => {
  test('is a chain that tells about a changed, a removed and a cut-off entry', async () => {
    const user = await administrator();
    for (let index = 0; index < 5; index += 1) {
      await accounts.createToken({ userUuid: user.uuid, name: `t${index}` }, 'test');
    }
    expect(await accounts.verifyAudit()).toEqual({ intact: true, entries: 6 });

    await expect(
      store.db.updateTable('audit_log').set({ actor: 'me' }).where('sequence', '=', 3).execute(),
    ).rejects.toThrow(/append-only/);
    await expect(store.db.deleteFrom('audit_log').execute()).rejects.toThrow(/append-only/);

    await unprotectAuditLog(store);
    await sql`delete from audit_log where sequence = 6`.execute(store.db);
    expect(await accounts.verifyAudit()).toMatchObject({ intact: false, brokenAt: 6 });
    await sql`update audit_log set actor = 'me' where sequence = 3`.execute(store.db);
    expect(await accounts.verifyAudit()).toMatchObject({ intact: false, brokenAt: 3 });
    await sql`delete from audit_log where sequence = 2`.execute(store.db);
    expect(await accounts.verifyAudit()).toMatchObject({ intact: false, brokenAt: 2 });
  });

  test('takes an entry in the transaction of what it records, or neither', async () => {
    await expect(
      store.transaction(async (trx) => {
        await accounts.audit(trx, { actor: 'a', action: 'x.y', target: 'z' });
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await accounts.auditLog.list({}, { before: null, limit: 10 })).toEqual({
      ...{ count: 0, entries: [] },
    });
    expect(await accounts.verifyAudit()).toEqual({ intact: true, entries: 0 });
  });
});

describe('organisations', () => {
  test('keep an owner', async () => {
    const user = await administrator();
    const { uuid: organisationUuid } = await accounts.createOrganisation(
      { name: 'Team Ärger', owner: user.uuid },
      'test',
    );
    const demote = { organisationUuid, userUuid: user.uuid, role: 'admin' };
    await expect(accounts.addMember(demote, 'test')).rejects.toMatchObject({
      reason: 'last_owner',
    });
    await expect(
      accounts.organisations.removeMember(organisationUuid, user.uuid, 'test'),
    ).rejects.toMatchObject({ reason: 'last_owner' });
  });

  test.each(['api', 'iam', 'git', '-x', 'x/y', '..', 'Ä', ''])(
    'cannot have the slug %j',
    async (slug) => {
      await expect(
        accounts.createOrganisation({ name: 'A', slug, owner: null }, 'test'),
      ).rejects.toMatchObject({ code: 'invalid' });
    },
  );

  test('the last administrator stays one', async () => {
    const user = await administrator();
    await expect(
      accounts.users.update(user.uuid, { disabled: true }, 'test'),
    ).rejects.toMatchObject({ reason: 'last_administrator' });
  });
});
