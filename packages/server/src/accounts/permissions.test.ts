import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { type Accounts, type Action, createAccounts, type Identity, parseScope } from './index.ts';
import { inScope, within } from './permissions.ts';

let dataDir: string;
let store: Store;
let accounts: Accounts;
let ours: string;
let theirs: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-permissions-'));
  store = await openStore({ dataDir });
  accounts = createAccounts({ store });
  ours = (await accounts.createOrganisation({ name: 'Ours', owner: null }, 'test')).uuid;
  theirs = (await accounts.createOrganisation({ name: 'Theirs', owner: null }, 'test')).uuid;
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const APPLICATION = 'application-1';

async function someone(role: string | null, collaborates = false): Promise<Identity> {
  const email = `${randomUUID()}@example.com`;
  const user = await accounts.createMachineUser(
    { email },
    role === null ? null : { organisationUuid: ours, role },
    'test',
  );
  if (collaborates) {
    const row = { applicationUuid: APPLICATION, organisationUuid: ours, userUuid: user.uuid };
    await accounts.collaborators.add(null, row, 'test');
  }
  return {
    ...{ userUuid: user.uuid, email, isMachine: true, isAdmin: false },
    ...{ tokenUuid: null, scopes: null, jobId: null, repositoryUuid: null },
  };
}

/** The table of spec/divio.md 1, as anyone can check it by eye. */
describe.each([
  { who: 'anyone else', role: null, works: false, may: '' },
  {
    ...{ who: 'organisation collaborator', role: 'collaborator', works: false },
    may: 'application:create organisation:read',
  },
  {
    ...{ who: 'application collaborator', role: null, works: true },
    may: 'application:read application:deploy application:write repository:read repository:push build:read build:write organisation:read',
  },
  {
    ...{ who: 'deployer', role: 'deployer', works: false },
    may: 'application:create application:read application:deploy repository:read build:read organisation:read',
  },
  {
    ...{ who: 'admin', role: 'admin', works: false },
    may: 'application:create application:read application:deploy application:write application:delete repository:read repository:push repository:force-push build:read build:write organisation:read organisation:admin',
  },
  {
    ...{ who: 'owner', role: 'owner', works: false },
    may: 'application:create application:read application:deploy application:write application:delete repository:read repository:push repository:force-push build:read build:write organisation:read organisation:admin organisation:own',
  },
])('$who', ({ role, works, may }) => {
  const actions =
    'application:read application:deploy application:write application:delete application:create repository:read repository:push repository:force-push build:read build:write organisation:read organisation:admin organisation:own user:manage installation:admin'.split(
      ' ',
    ) as Action[];

  test('may do exactly what the table says, and nothing elsewhere', async () => {
    const identity = await someone(role, works);
    const here = { organisationUuid: ours, applicationUuid: APPLICATION };
    const elsewhere = { organisationUuid: theirs, applicationUuid: 'application-2' };
    const allowed: string[] = [];
    for (const action of actions) {
      const target = action === 'application:create' ? { organisationUuid: ours } : here;
      if (await accounts.may(identity, action, target)) allowed.push(action);
      expect(await accounts.may(identity, action, elsewhere), `${action} elsewhere`).toBe(false);
      expect(await accounts.may(identity, action, {}), `${action} of nothing`).toBe(false);
    }
    expect(allowed.sort()).toEqual(may.split(' ').filter(Boolean).sort());
  });
});

describe('scopes', () => {
  test('limit to actions and applications, and imply what one cannot do without', () => {
    const scopes = [{ actions: ['application:deploy' as const], applications: ['a'] }];
    expect(inScope(scopes, 'application:deploy', { applicationUuid: 'a' })).toBe(true);
    expect(inScope(scopes, 'application:read', { applicationUuid: 'a' })).toBe(true);
    expect(inScope(scopes, 'application:write', { applicationUuid: 'a' })).toBe(false);
    expect(inScope(scopes, 'application:deploy', { applicationUuid: 'b' })).toBe(false);
    expect(inScope(scopes, 'application:deploy', {})).toBe(false);
    expect(inScope(scopes, 'token:manage')).toBe(false);
  });

  test('never widen a role', async () => {
    const identity = {
      ...(await someone('collaborator')),
      scopes: [{ actions: ['application:delete' as const] }],
    };
    const target = { organisationUuid: ours, applicationUuid: APPLICATION };
    expect(await accounts.may(identity, 'application:delete', target)).toBe(false);
  });

  test('a token makes none wider than itself', () => {
    const held = [{ actions: ['application:deploy' as const], applications: ['a', 'b'] }];
    expect(within(held, [{ actions: ['application:read'], applications: ['a'] }])).toBe(true);
    expect(within(held, [{ actions: ['application:read'] }])).toBe(false);
    expect(within(held, [{ actions: ['application:write'], applications: ['a'] }])).toBe(false);
    expect(within(held, null)).toBe(false);
    expect(within(null, null)).toBe(true);
  });

  test('are read from the command line', async () => {
    const find = async (text: string) => (text === 'shop' || text === '7' ? 'uuid-of-shop' : null);
    expect(await parseScope('deploy@shop', find)).toEqual({
      actions: ['application:deploy', 'build:read'],
      applications: ['uuid-of-shop'],
    });
    expect(await parseScope('application:read, build:read', find)).toEqual({
      actions: ['application:read', 'build:read'],
    });
    for (const text of ['', 'fly', 'deploy@nowhere', 'deploy@', 'a@b@c', 'constructor']) {
      await expect(parseScope(text, find), text).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});
