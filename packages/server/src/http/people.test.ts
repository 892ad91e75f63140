import type {
  AccountLine,
  AccountLink,
  Invitation,
  InvitationCreated,
  ListOf,
  MemberLine,
  OpenLink,
} from '@sluice/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';
import type { User } from '../accounts/index.ts';

const PASSWORD = 'a long enough one';

let server: HttpServer;
const tokens = new Map<string, string>();
beforeAll(async () => {
  server = await startHttpServer();
  tokens.set('administrator', server.admin.token);
  for (const role of ['owner', 'admin', 'deployer', 'collaborator']) {
    const user = await server.accounts.createUser(
      { email: `${role}@people.example`, password: null },
      { organisationUuid: server.organisationUuid, role },
      'test',
    );
    tokens.set(role, await server.tokenOf(user));
  }
});
afterAll(() => server.stop());

const as = (who: string) => server.client(tokens.get(who) ?? '');
const organisation = () => `/iam/v3/organisations/${server.organisationUuid}`;
const invite = (who: string, email: string, role = 'collaborator') =>
  as(who).send<InvitationCreated>('POST', `${organisation()}/invitations/`, {
    body: { email, role },
  });
const secretOf = (link: AccountLink | null | undefined) => link?.url.split('/').at(-1) ?? '';
/** Without a credential, as the page behind the link asks. */
const open = (token: string) => post('/iam/v3/invitations/open/', { token });
const accept = (token: string, password = PASSWORD) =>
  post('/iam/v3/invitations/accept/', { token, password, first_name: 'Ada' });
const post = (path: string, body: object) =>
  rawRequest(server.url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const signIn = (email: string, password = PASSWORD) =>
  server.accounts.authenticate({ kind: 'password', email, password }, `${Math.random()}`);
const account = async (email: string): Promise<AccountLine | undefined> =>
  (
    await as('administrator').send<ListOf<AccountLine>>('GET', `/iam/v3/users/?text=${email}`)
  ).results.find((one) => one.email === email);

describe('an invitation', () => {
  test('lets exactly one person choose a password, once', async () => {
    const made = await invite('owner', 'New@Example.com', 'deployer');
    expect(made).toMatchObject({ email: 'new@example.com', role: 'deployer' });
    expect(made.link?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/invitation\/sli_\w{40}$/);
    const secret = secretOf(made.link);
    expect((await open(secret)).json as OpenLink).toMatchObject({
      ...{ kind: 'invitation', email: 'new@example.com', organisation: 'Default' },
    });
    expect((await accept(secret, 'short')).status).toBe(400);
    const [first, second] = await Promise.all([accept(secret), accept(secret, `${PASSWORD} two`)]);
    expect([first.status, second.status].sort()).toEqual([200, 404]);
    const password = first.status === 200 ? PASSWORD : `${PASSWORD} two`;
    expect(await signIn('new@example.com', password)).not.toBeNull();
    expect((await open(secret)).status).toBe(404);
    const { results } = await as('admin').send<ListOf<MemberLine>>(
      'GET',
      `${organisation()}/members/`,
    );
    expect(results.find(({ email }) => email === 'new@example.com')).toMatchObject({
      ...{ role: 'deployer', first_name: 'Ada', has_password: true, link_expires_at: null },
    });
  });

  test('is replaced by a newer one, expires, and can be withdrawn', async () => {
    const older = await invite('admin', 'slow@example.com');
    const newer = await invite('admin', 'slow@example.com', 'deployer');
    expect((await open(secretOf(older.link))).status).toBe(404);
    expect((await open(secretOf(newer.link))).status).toBe(200);
    const list = async () =>
      (await as('admin').send<ListOf<Invitation>>('GET', `${organisation()}/invitations/`)).results;
    expect(await list()).toMatchObject([
      {
        email: 'slow@example.com',
        role: 'deployer',
        expired: false,
        created_by: 'admin@people.example',
      },
    ]);

    await server.store.db
      .updateTable('account_links')
      .set({ expires_at: '2026-01-01T00:00:00.000Z' })
      .where('used_at', 'is', null)
      .execute();
    expect((await open(secretOf(newer.link))).status).toBe(404);
    expect((await accept(secretOf(newer.link))).status).toBe(404);
    const [expired] = await list();
    expect(expired?.expired).toBe(true);

    const third = await invite('admin', 'slow@example.com');
    const [waiting] = await list();
    await as('admin').send('DELETE', `${organisation()}/invitations/${waiting?.uuid}/`);
    expect((await accept(secretOf(third.link))).status).toBe(404);
    expect(await list()).toEqual([]);
    expect((await account('slow@example.com'))?.organisations).toEqual([]);
  });

  test('opens no account that somebody else may own', async () => {
    const known = await server.accounts.createUser(
      { email: 'oidc@example.com', password: null },
      null,
      'test',
    );
    const { link } = await invite('owner', 'oidc@example.com');
    expect(link).toBeNull();
    expect((await account(known.email))?.organisations).toMatchObject([{ role: 'collaborator' }]);
    await expect(invite('owner', 'oidc@example.com')).rejects.toMatchObject({
      ...{ status: 409, reason: 'already_member' },
    });
    // One that was invited and then came in by other means is theirs.
    const made = await invite('owner', 'token@example.com');
    await server.accounts.createToken({ userUuid: made.user, name: 'theirs' }, 'test');
    await expect(invite('owner', 'token@example.com')).rejects.toMatchObject({ status: 409 });
  });

  test('to be an owner comes from an owner, and nobody below an admin invites', async () => {
    await expect(invite('admin', 'boss@example.com', 'owner')).rejects.toMatchObject({
      status: 403,
    });
    for (const who of ['deployer', 'collaborator']) {
      await expect(invite(who, 'friend@example.com')).rejects.toMatchObject({ status: 403 });
    }
    await expect(invite('owner', 'x@example.com', 'king')).rejects.toMatchObject({ status: 400 });
    await expect(invite('owner', 'no address')).rejects.toMatchObject({ status: 400 });
    expect((await invite('owner', 'boss@example.com', 'owner')).role).toBe('owner');
    const list = await as('admin').send<ListOf<Invitation>>(
      'GET',
      `${organisation()}/invitations/`,
    );
    const boss = list.results.find(({ role }) => role === 'owner');
    await expect(
      as('admin').send('DELETE', `${organisation()}/invitations/${boss?.uuid}/`),
    ).rejects.toMatchObject({ status: 403 });
  });
});

describe('a password link', () => {
  test('ends what opened the account before, when it is used and not earlier', async () => {
    const user = await server.accounts.createUser(
      { email: 'lost@example.com', password: 'the old password' },
      null,
      'test',
    );
    const token = await server.tokenOf(user);
    const link = await as('administrator').send<AccountLink>(
      'POST',
      `/iam/v3/users/${user.uuid}/password-link/`,
    );
    expect(await signIn(user.email, 'the old password')).not.toBeNull();
    expect((await account(user.email))?.link_expires_at).toBe(link.expires_at);
    expect((await accept(secretOf(link))).json).toEqual({ email: 'lost@example.com' });
    expect(await signIn(user.email, 'the old password')).toBeNull();
    expect(await signIn(user.email)).not.toBeNull();
    await expect(server.client(token).send('GET', '/iam/v3/me/')).rejects.toMatchObject({
      status: 401,
    });
    const { entries } = await server.accounts.auditLog.list(
      { target: `user:${user.uuid}` },
      { before: null, limit: 10 },
    );
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.password_link', 'user.choose_password']),
    );
    expect(JSON.stringify(entries)).not.toContain('sli_');
  });

  test('is not made for a machine or a disabled account, and dies with the account', async () => {
    const make = (uuid: string) =>
      as('administrator').send<AccountLink>('POST', `/iam/v3/users/${uuid}/password-link/`);
    const machine = await server.accounts.createMachineUser(
      { email: 'm@example.com' },
      null,
      'test',
    );
    await expect(make(machine.uuid)).rejects.toMatchObject({ status: 409 });
    const person = await server.accounts.createUser(
      { email: 'off@example.com', password: null },
      null,
      'test',
    );
    const link = await make(person.uuid);
    await as('administrator').send('PATCH', `/iam/v3/users/${person.uuid}/`, {
      body: { disabled: true },
    });
    expect((await accept(secretOf(link))).status).toBe(404);
    await expect(make(person.uuid)).rejects.toMatchObject({ status: 409 });
  });

  test('cannot be guessed: too many wrong ones from one address are refused', async () => {
    const wrong = `sli_${'x'.repeat(40)}`;
    let status = 404;
    for (let index = 0; index < 40 && status === 404; index += 1)
      status = (await open(wrong)).status;
    expect(status).toBe(429);
  });
});

test('an administrator turns off the second factor of who lost it, and only that', async () => {
  const user = await server.accounts.createUser(
    { email: 'phone@example.com', password: PASSWORD },
    null,
    'test',
  );
  const at = new Date().toISOString();
  await server.store.db
    .insertInto('two_factor')
    .values({
      ...{ user_uuid: user.uuid, secret_sealed: 'lost', last_counter: 0 },
      ...{ created_at: at, enabled_at: at },
    })
    .execute();
  expect((await account(user.email))?.two_factor).toBe(true);
  const path = `/iam/v3/users/${user.uuid}/two-factor/`;
  await expect(as('owner').send('DELETE', path)).rejects.toMatchObject({ status: 403 });
  await as('administrator').send('DELETE', path);
  expect(await account(user.email)).toMatchObject({ two_factor: false, has_password: true });
  const { entries } = await server.accounts.auditLog.list(
    { target: `user:${user.uuid}`, action: 'two_factor' },
    { before: null, limit: 10 },
  );
  expect(entries).toMatchObject([{ actor: 'admin@example.com', action: 'two_factor.disable' }]);
  await expect(
    as('administrator').send('DELETE', '/iam/v3/users/nobody/two-factor/'),
  ).rejects.toMatchObject({ status: 404 });
});

describe('the last one', () => {
  const patch = (uuid: string, body: object) =>
    as('administrator').send('PATCH', `/iam/v3/users/${uuid}/`, { body });

  test('administrator is neither demoted nor disabled', async () => {
    const { uuid } = server.admin.user;
    for (const change of [{ is_admin: false }, { disabled: true }]) {
      await expect(patch(uuid, change)).rejects.toMatchObject({ reason: 'last_administrator' });
    }
  });

  test('owner who can sign in is neither removed nor demoted, whatever disabled owners there are', async () => {
    const made = await server.accounts.createOrganisation({ name: 'Small', owner: null }, 'test');
    const member = (email: string) =>
      server.accounts.createUser(
        { email, password: null },
        { organisationUuid: made.uuid, role: 'owner' },
        'test',
      );
    const [one, other] = [await member('one@example.com'), await member('other@example.com')];
    await patch(other.uuid, { disabled: true });
    const path = `/iam/v3/organisations/${made.uuid}/members/`;
    const demote = as('administrator').send('POST', path, {
      body: { user: one.uuid, role: 'admin' },
    });
    await expect(demote).rejects.toMatchObject({ reason: 'last_owner' });
    const remove = (user: User) => as('administrator').send('DELETE', `${path}${user.uuid}/`);
    await expect(remove(one)).rejects.toMatchObject({ reason: 'last_owner' });
    await remove(other);
  });
});

describe('machine users', () => {
  test('are made, get a token with scopes, are listed with its last use, and deleted', async () => {
    const admin = as('administrator');
    const machine = await admin.send<{ uuid: string }>('POST', '/iam/v3/users/', {
      body: {
        ...{ email: 'robot@example.com', is_machine: true },
        ...{ organisation: server.organisationUuid, role: 'deployer' },
      },
    });
    const made = await admin.send<{ uuid: string; token: string }>(
      'POST',
      '/iam/v3/access-tokens/',
      {
        body: { user: machine.uuid, name: 'deploys', scopes: ['deploy'] },
      },
    );
    await server.client(made.token).applications.list({});
    const machines = await admin.send<ListOf<AccountLine>>('GET', '/iam/v3/users/?is_machine=true');
    expect(machines.results.every((one) => one.is_machine)).toBe(true);
    const line = machines.results.find(({ uuid }) => uuid === machine.uuid);
    expect(line?.organisations).toMatchObject([{ role: 'deployer', name: 'Default' }]);
    expect(line?.last_seen_at).not.toBeNull();
    const path = `/iam/v3/access-tokens/?user=${machine.uuid}`;
    const { results } = await admin.send<ListOf<{ name: string }>>('GET', path);
    expect(results).toMatchObject([{ name: 'deploys' }]);
    await expect(as('owner').send('GET', path)).rejects.toMatchObject({ status: 403 });

    await admin.send('DELETE', `/iam/v3/users/${machine.uuid}/`);
    await expect(server.client(made.token).send('GET', '/iam/v3/me/')).rejects.toMatchObject({
      status: 401,
    });
    await expect(
      admin.send('DELETE', `/iam/v3/users/${server.admin.user.uuid}/`),
    ).rejects.toMatchObject({ reason: 'not_a_machine' });
  });

  test('and every account belong to administrators of the installation alone', async () => {
    const { uuid } = server.admin.user;
    for (const who of ['owner', 'admin', 'deployer', 'collaborator']) {
      const client = as(who);
      for (const [method, path] of [
        ['GET', '/iam/v3/users/'],
        ['DELETE', `/iam/v3/users/${uuid}/`],
        ['POST', `/iam/v3/users/${uuid}/password-link/`],
        ['DELETE', `/iam/v3/users/${uuid}/two-factor/`],
      ] as const) {
        await expect(client.send(method, path), `${who} ${path}`).rejects.toMatchObject({
          status: 403,
        });
      }
    }
  });
});
