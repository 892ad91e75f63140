import { generateKeyPairSync } from 'node:crypto';
import { createRepository } from '@sluice/testing';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../test/authenticator.ts';
import { createBrowser, type TestBrowser } from '../../test/browser.ts';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';

const PASSWORD = 'correct horse battery';

let server: HttpServer;
let now = new Date();
let browser: TestBrowser;
let email: string;
let people = 0;

beforeAll(async () => {
  server = await startHttpServer({ accounts: { now: () => now } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  now = new Date();
  people += 1;
  email = `person${people}@example.com`;
  const membership = { organisationUuid: server.organisationUuid, role: 'admin' };
  await server.accounts.createUser({ email, password: PASSWORD }, membership, 'test');
  browser = createBrowser(server.url);
  expect(await signIn(browser)).toMatchObject({ status: 200 });
});

const signIn = (who: TestBrowser, more: object = {}) =>
  who.send('POST', '/iam/v3/session/', { email, password: PASSWORD, ...more });
const statusOf = async (who: TestBrowser) => (await who.get('/iam/v3/session/')).status;
const reasonOf = (answer: { headers: Readonly<Record<string, unknown>> }) =>
  answer.headers['x-sluice-reason'];
const later = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1_000);
};
const actions = async (): Promise<string[]> => {
  const rows = await server.store.db
    .selectFrom('audit_log')
    .select('action')
    .where('actor', '=', email)
    .orderBy('sequence')
    .execute();
  return rows.map(({ action }) => action);
};

async function turnOn(): Promise<{ codes: string[]; code: () => string }> {
  const begun = await browser.send('POST', '/iam/v3/me/two-factor/', {});
  const { secret, uri } = begun.json as { secret: string; uri: string };
  expect(uri).toMatch(/^otpauth:\/\/totp\/.*person\d+%40example\.com\?.*secret=/);
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = () => totp.generate({ timestamp: now.getTime() });
  const confirmed = await browser.send('POST', '/iam/v3/me/two-factor/confirm/', { code: code() });
  expect(confirmed.status).toBe(200);
  return { codes: (confirmed.json as { codes: string[] }).codes, code };
}

describe('two-factor sign-in', () => {
  test('is asked for once it is confirmed, and not before', async () => {
    await browser.send('POST', '/iam/v3/me/two-factor/', {});
    const wrong = await browser.send('POST', '/iam/v3/me/two-factor/confirm/', { code: '000000' });
    expect(wrong).toMatchObject({ status: 400, json: { code: [expect.any(String)] } });
    expect((await signIn(createBrowser(server.url))).status).toBe(200);

    const { code } = await turnOn();
    const other = createBrowser(server.url);
    const without = await signIn(other);
    expect(without.status).toBe(400);
    expect(reasonOf(without)).toBe('second_factor_required');
    // Who does not know the password does not learn that there is a second factor.
    expect(reasonOf(await signIn(other, { password: 'wrong wrong' }))).toBe('wrong_credentials');
    // The code that confirmed it is used up.
    expect(reasonOf(await signIn(other, { code: code() }))).toBe('second_factor_wrong');
    later(30);
    expect((await signIn(other, { code: code() })).status).toBe(200);
    expect(await actions()).toEqual(
      expect.arrayContaining(['two_factor.enable', 'two_factor.refuse']),
    );
  });

  test('lets one in by a recovery code, once', async () => {
    const { codes } = await turnOn();
    expect(codes).toHaveLength(10);
    const other = createBrowser(server.url);
    expect((await signIn(other, { code: codes[0] })).status).toBe(200);
    expect(reasonOf(await signIn(other, { code: codes[0] }))).toBe('second_factor_wrong');
    const left = async () => (await browser.get('/iam/v3/me/security/')).json;
    expect(await left()).toMatchObject({ two_factor: { enabled: true, recovery_codes_left: 9 } });
    await browser.send('POST', '/iam/v3/me/two-factor/recovery-codes/', {});
    expect(await left()).toMatchObject({ two_factor: { recovery_codes_left: 10 } });
    expect(reasonOf(await signIn(other, { code: codes[1] }))).toBe('second_factor_wrong');
  });

  test('ends the other sessions when it is turned off', async () => {
    const { code } = await turnOn();
    later(30);
    const other = createBrowser(server.url);
    await signIn(other, { code: code() });
    expect((await browser.send('DELETE', '/iam/v3/me/two-factor/')).status).toBe(204);
    expect(await statusOf(browser)).toBe(200);
    expect(await statusOf(other)).toBe(401);
    expect((await signIn(other)).status).toBe(200);
  });

  test('makes git take a token instead of the password, and says so', async () => {
    const application = await server.client(server.admin.token).applications.create({
      ...{ name: `Site ${people}`, organisation: server.organisationUuid },
    });
    const work = await createRepository();
    const lsRemote = (password: string) => {
      const url = new URL(application.git_url);
      url.username = encodeURIComponent(email);
      url.password = encodeURIComponent(password);
      return work.tryGit('ls-remote', url.href);
    };
    expect(await lsRemote(PASSWORD)).toMatchObject({ status: 0 });
    await turnOn();
    const refused = await lsRemote(PASSWORD);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('Make an access token');
    // A wrong password is told nothing of it.
    expect((await lsRemote('wrong wrong wrong')).stderr).not.toContain('access token in the panel');
    const made = await browser.send('POST', '/iam/v3/access-tokens/', { name: 'git' });
    expect(await lsRemote((made.json as { token: string }).token)).toMatchObject({ status: 0 });
    await work.remove();
  });
});

describe('a change of how one signs in', () => {
  const routes = [
    ['POST', '/iam/v3/me/two-factor/', {}],
    ['POST', '/iam/v3/me/two-factor/confirm/', { code: '123456' }],
    ['POST', '/iam/v3/me/two-factor/recovery-codes/', {}],
    ['DELETE', '/iam/v3/me/two-factor/', undefined],
    ['POST', '/iam/v3/me/passkeys/options/', {}],
    ['DELETE', '/iam/v3/me/passkeys/none/', undefined],
  ] as const;

  test.each(routes)('wants a sign-in of late: %s %s', async (method, path, body) => {
    later(29 * 60);
    expect(reasonOf(await browser.send(method, path, body))).not.toBe('sign_in_again');
    later(60);
    const answer = await browser.send(method, path, body);
    expect(answer.status).toBe(403);
    expect(reasonOf(answer)).toBe('sign_in_again');
    await signIn(browser);
    expect(reasonOf(await browser.send(method, path, body))).not.toBe('sign_in_again');
  });

  test.each([...routes, ['POST', '/iam/v3/me/password/', { password: 'x'.repeat(12) }] as const])(
    'is not for tokens: %s %s',
    async (method, path, body) => {
      const user = await server.accounts.users.byEmail(email);
      if (user === null) throw new Error('nobody');
      const authorization = `Token ${await server.tokenOf(user)}`;
      const answer = await createBrowser(server.url).send(method, path, body, { authorization });
      expect(answer.status).toBe(403);
      expect(reasonOf(answer)).toBe('session_required');
    },
  );

  test('is told to a token without scopes only', async () => {
    const user = await server.accounts.users.byEmail(email);
    if (user === null) throw new Error('nobody');
    const limited = await server.tokenOf(user, [{ actions: ['application:deploy'] }]);
    for (const path of ['/iam/v3/me/security/', '/iam/v3/sessions/']) {
      const get = (token: string) =>
        rawRequest(server.url, path, { headers: { authorization: `Token ${token}` } });
      expect((await get(limited)).status).toBe(403);
      expect((await get(await server.tokenOf(user))).status).toBe(200);
    }
  });
});

describe('a new password', () => {
  const change = (body: object) => browser.send('POST', '/iam/v3/me/password/', body);

  test('takes the current one, and signs the other browsers out', async () => {
    const other = createBrowser(server.url);
    await signIn(other);
    const user = await server.accounts.users.byEmail(email);
    if (user === null) throw new Error('nobody');
    const token = await server.tokenOf(user);
    expect(await change({ current: 'wrong', password: 'another long one' })).toMatchObject({
      ...{ status: 400, json: { current: ['This is not your current password.'] } },
    });
    expect((await change({ current: PASSWORD, password: 'short' })).json).toHaveProperty(
      'password',
    );
    expect((await change({ current: PASSWORD, password: 'another long one' })).status).toBe(204);
    expect([await statusOf(browser), await statusOf(other)]).toEqual([200, 401]);
    expect((await signIn(other)).status).toBe(400);
    expect((await signIn(other, { password: 'another long one' })).status).toBe(200);
    expect(await server.client(token).me()).toMatchObject({ email });
    const last = { current: 'another long one', password: PASSWORD, revoke_tokens: true };
    expect((await change(last)).status).toBe(204);
    await expect(server.client(token).me()).rejects.toMatchObject({ status: 401 });
    expect(await actions()).toContain('password.change');
  });

  test('is not found by guessing the current one', async () => {
    for (let guess = 0; guess < 20; guess += 1) {
      await change({ current: 'wrong wrong', password: 'another long one' });
    }
    expect((await change({ current: PASSWORD, password: 'another long one' })).status).toBe(429);
  });
});

describe('passkeys', () => {
  /** Browsers allow none on an IP address. */
  const host = () => ({ host: `localhost:${new URL(server.url).port}` });
  const origin = () => `http://localhost:${new URL(server.url).port}`;
  const post = (who: TestBrowser, path: string, body: object = {}) =>
    who.send('POST', `/iam/v3/${path}`, body, host());
  const options = async (who = browser) => (await post(who, 'me/passkeys/options/')).json;
  const challenge = async (who = browser) => (await post(who, 'session/passkey/options/')).json;

  async function added() {
    const device = createAuthenticator(origin());
    const credential = device.create(await options());
    const made = await post(browser, 'me/passkeys/', { name: 'Key', credential });
    expect(made).toMatchObject({ status: 201, json: { name: 'Key', last_used_at: null } });
    return { device, uuid: (made.json as { uuid: string }).uuid };
  }

  test('sign in without a name or a password, also where there is a second factor', async () => {
    const { device } = await added();
    await turnOn();
    const other = createBrowser(server.url);
    const given = await challenge(other);
    expect(JSON.stringify(given)).not.toContain(email);
    const answer = await post(other, 'session/passkey/', { credential: device.get(given) });
    expect(answer).toMatchObject({ status: 200, json: { user: { email } } });
    expect((await other.get('/iam/v3/sessions/', host())).json).toMatchObject({
      results: expect.arrayContaining([expect.objectContaining({ method: 'passkey' })]),
    });
    expect((await browser.get('/iam/v3/me/security/')).json).toMatchObject({
      passkeys: [{ name: 'Key', last_used_at: expect.any(String) }],
    });
    expect(await actions()).toContain('passkey.add');
  });

  test('are refused on an IP address with a word on what to do', async () => {
    const answer = await browser.send('POST', '/iam/v3/me/passkeys/options/', {});
    expect(answer.status).toBe(409);
    expect(reasonOf(answer)).toBe('passkeys_impossible');
  });

  const { privateKey: foreignKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  test.each([
    ['from another origin', { origin: 'https://evil.example.com' }],
    ['for another host', { rpId: 'evil.example.com' }],
    ['with a challenge of its own', { challenge: 'bWFkZSB1cA' }],
    ['that nobody was asked for', { userVerified: false }],
    ['by another key', { key: foreignKey }],
    ['of an authenticator that was copied', { counter: 1 }],
  ])('do not sign in %s', async (_name, deviation) => {
    const { device } = await added();
    const other = createBrowser(server.url);
    // The count stands at 2 afterwards.
    for (const _ of [1, 2]) {
      await post(other, 'session/passkey/', { credential: device.get(await challenge(other)) });
    }
    const fresh = createBrowser(server.url);
    const credential = device.get(await challenge(fresh), deviation);
    const answer = await post(fresh, 'session/passkey/', { credential });
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'passkey_refused']);
    expect(fresh.cookies.size).toBe(0);
  });

  test('sign in once with each challenge, and soon', async () => {
    const { device } = await added();
    const other = createBrowser(server.url);
    const credential = device.get(await challenge(other));
    expect((await post(other, 'session/passkey/', { credential })).status).toBe(200);
    expect(reasonOf(await post(other, 'session/passkey/', { credential }))).toBe('passkey_refused');
    const late = device.get(await challenge(other));
    later(5 * 60);
    expect(reasonOf(await post(other, 'session/passkey/', { credential: late }))).toBe(
      'passkey_refused',
    );
  });

  test('are added with a challenge made for oneself, once', async () => {
    const device = createAuthenticator(origin());
    const foreign = device.create(await options());
    const first = browser;
    people += 1;
    email = `person${people}@example.com`;
    await server.accounts.createUser({ email, password: PASSWORD }, null, 'test');
    const other = createBrowser(server.url);
    await signIn(other);
    const add = (who: TestBrowser, credential: object) =>
      post(who, 'me/passkeys/', { name: 'Key', credential });
    expect((await add(other, foreign)).status).toBe(400);
    // Somebody else tried it: it is used up.
    expect((await add(first, foreign)).status).toBe(400);
    const unverified = device.create(await options(first), { userVerified: false });
    expect((await add(first, unverified)).status).toBe(400);
    expect((await add(first, device.create(await options(first)))).status).toBe(201);
    expect((await add(first, device.create(await options(first)))).status).toBe(409);
  });

  test('are renamed and removed by their owner only, and then sign in no more', async () => {
    const { device, uuid } = await added();
    const owner = browser;
    people += 1;
    email = `person${people}@example.com`;
    await server.accounts.createUser({ email, password: PASSWORD }, null, 'test');
    const other = createBrowser(server.url);
    await signIn(other);
    const path = `/iam/v3/me/passkeys/${uuid}/`;
    expect((await other.send('PATCH', path, { name: 'Mine' })).status).toBe(404);
    expect((await other.send('DELETE', path)).status).toBe(404);
    expect((await owner.send('PATCH', path, { name: 'Blue' })).json).toMatchObject({
      name: 'Blue',
    });
    expect((await owner.send('DELETE', path)).status).toBe(204);
    const answer = await post(createBrowser(server.url), 'session/passkey/', {
      credential: device.get(await challenge()),
    });
    expect(reasonOf(answer)).toBe('passkey_unknown');
  });

  test('do not open a disabled account', async () => {
    const { device } = await added();
    const user = await server.accounts.users.byEmail(email);
    await server.accounts.users.update(user?.uuid ?? '', { disabled: true }, 'test');
    const answer = await post(createBrowser(server.url), 'session/passkey/', {
      credential: device.get(await challenge(createBrowser(server.url))),
    });
    expect(reasonOf(answer)).toBe('passkey_unknown');
  });
});
