import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBrowser, type TestBrowser } from '../../test/browser.ts';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';

const PASSWORD = 'correct horse battery';
const DAY_MS = 24 * 60 * 60_000;

let server: HttpServer;
let now = new Date();
let browser: TestBrowser;
let people = 0;

beforeAll(async () => {
  server = await startHttpServer({
    accounts: { now: () => now },
    settings: { trustedProxies: ['127.0.0.1'] },
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  now = new Date();
  browser = createBrowser(server.url);
});

/** Everybody signs in as somebody else, so that no test sees another's failures counted. */
async function person(): Promise<{ email: string; uuid: string }> {
  people += 1;
  const email = `person${people}@example.com`;
  const { uuid } = await server.accounts.createUser({ email, password: PASSWORD }, null, 'test');
  return { email, uuid };
}

const signIn = (who: TestBrowser, email: string, password = PASSWORD) =>
  who.send('POST', '/iam/v3/session/', { email, password });

async function signedIn() {
  const user = await person();
  expect(await signIn(browser, user.email)).toMatchObject({ status: 200 });
  return user;
}

const statusOf = async (who: TestBrowser) => (await who.get('/iam/v3/session/')).status;

describe('a session', () => {
  test('begins with the password and says who is signed in and where they belong', async () => {
    const answer = await signIn(browser, 'ADMIN@example.com ');
    expect(answer).toMatchObject({
      status: 200,
      json: {
        user: { email: 'admin@example.com', is_admin: true },
        organisations: [
          { slug: 'default', role: 'owner', actions: expect.arrayContaining(['organisation:own']) },
        ],
        server: { url: server.url },
        expires_at: new Date(now.getTime() + 14 * DAY_MS).toISOString(),
      },
    });
    expect((await browser.get('/iam/v3/session/')).json).toEqual(answer.json);
    expect((await browser.get('/apps/v3/applications/')).status).toBe(200);
  });

  test("is a cookie that no script reads, and that only this server's pages send along", async () => {
    const { email } = await person();
    const answer = await signIn(browser, email);
    const [cookie = ''] = [answer.headers['set-cookie'] ?? []].flat();
    expect(cookie).toMatch(
      /^sluice_session=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const everything = JSON.stringify([
      answer.json,
      await server.store.db.selectFrom('sessions').selectAll().execute(),
      await server.store.db.selectFrom('audit_log').selectAll().execute(),
    ]);
    expect(everything).not.toContain(browser.cookies.get('sluice_session'));
  });

  test('over https is one that no other host can set', async () => {
    const { email } = await person();
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'ci.example.com' };
    const answer = await browser.send(
      ...(['POST', '/iam/v3/session/', { email, password: PASSWORD }, https] as const),
    );
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-sluice_session=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect((await browser.get('/iam/v3/session/', https)).status).toBe(200);
    // The same secret under the name that an application on a subdomain could plant.
    const planted = browser.cookies.get('__Host-sluice_session') ?? '';
    const headers = { ...https, cookie: `sluice_session=${planted}` };
    expect((await browser.get('/iam/v3/session/', headers)).status).toBe(401);
  });

  test('does not begin for a wrong password, an unknown email or a machine', async () => {
    const { email } = await person();
    await server.accounts.createMachineUser({ email: 'robot@example.com' }, null, 'test');
    const wrong = await signIn(browser, email, 'wrong wrong wrong');
    expect(wrong).toMatchObject({
      status: 400,
      headers: { 'x-sluice-reason': 'wrong_credentials' },
    });
    for (const other of ['nobody@example.com', 'robot@example.com']) {
      expect((await signIn(browser, other, 'wrong wrong wrong')).json).toEqual(wrong.json);
    }
    expect(browser.cookies.size).toBe(0);
  });

  test('is not begun by guessing', async () => {
    const { email } = await person();
    for (let attempt = 0; attempt < 20; attempt += 1) await signIn(browser, email, 'wrong wrong');
    expect(await signIn(browser, email)).toMatchObject({ status: 429 });
    now = new Date(now.getTime() + 16 * 60_000);
    expect(await signIn(browser, email)).toMatchObject({ status: 200 });
  });

  test('never takes the secret that the browser had before', async () => {
    const first = await signedIn();
    const planted = browser.cookies.get('sluice_session') ?? '';
    const second = await person();
    await signIn(browser, second.email);
    expect(browser.cookies.get('sluice_session')).not.toBe(planted);
    expect((await browser.get('/iam/v3/session/')).json).toMatchObject({
      user: { email: second.email },
    });
    const other = createBrowser(server.url);
    other.cookies.set('sluice_session', planted);
    expect(await statusOf(other)).toBe(401);
    expect(await server.accounts.sessions.list(first.uuid)).toEqual([]);
    // One that nobody was ever given stays worth nothing after a sign-in with it.
    const made = 'x'.repeat(43);
    other.cookies.set('sluice_session', made);
    await signIn(other, first.email);
    expect(other.cookies.get('sluice_session')).not.toBe(made);
  });

  test('ends when nobody used it for two weeks, and after ninety days however much it was used', async () => {
    await signedIn();
    const begin = now.getTime();
    const after = async (days: number) => {
      now = new Date(begin + days * DAY_MS);
      return statusOf(browser);
    };
    for (let day = 13; day < 90; day += 13) expect(await after(day), `day ${day}`).toBe(200);
    expect(await after(89.9)).toBe(200);
    expect(await after(90)).toBe(401);

    now = new Date(begin);
    await signedIn();
    expect(await after(14)).toBe(401);
  });

  test('ends with a sign-out, and the cookie goes', async () => {
    const { uuid, email } = await signedIn();
    const kept = browser.cookies.get('sluice_session') ?? '';
    expect((await browser.send('DELETE', '/iam/v3/session/')).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    browser.cookies.set('sluice_session', kept);
    expect(await statusOf(browser)).toBe(401);
    const entries = await server.store.db
      .selectFrom('audit_log')
      .select(['actor', 'action', 'target'])
      .orderBy('sequence', 'desc')
      .limit(2)
      .execute();
    const what = { actor: email, target: `user:${uuid}` };
    expect(entries).toEqual([
      { ...what, action: 'session.end' },
      { ...what, action: 'session.create' },
    ]);
  });

  test('ends when its user is disabled or an administrator sets another password', async () => {
    for (const change of [{ disabled: true }, { password: 'another long password' }]) {
      const { uuid } = await signedIn();
      await server.accounts.users.update(uuid, change, 'test');
      expect(await statusOf(browser)).toBe(401);
    }
  });
});

describe('the list of sessions', () => {
  test("shows one's own, and ends any of them", async () => {
    const { email } = await signedIn();
    const phone = createBrowser(server.url);
    await signIn(phone, email);
    const { json } = await browser.get('/iam/v3/sessions/');
    expect(json).toMatchObject({
      count: 2,
      results: expect.arrayContaining([
        expect.objectContaining({ current: true, method: 'password', address: '127.0.0.1' }),
        expect.objectContaining({ current: false }),
      ]),
    });
    const { results } = json as { results: { uuid: string; current: boolean }[] };
    const other = results.find(({ current }) => !current)?.uuid ?? '';
    const stranger = createBrowser(server.url);
    await signIn(stranger, (await person()).email);
    expect((await stranger.send('DELETE', `/iam/v3/sessions/${other}/`)).status).toBe(404);
    expect(await statusOf(phone)).toBe(200);
    expect((await browser.send('DELETE', `/iam/v3/sessions/${other}/`)).status).toBe(204);
    expect(await statusOf(phone)).toBe(401);
    expect(await statusOf(browser)).toBe(200);
  });
});

describe('a request of a signed-in browser', () => {
  const change = (headers: Record<string, string>, method = 'PATCH') => {
    const cookie = `sluice_session=${browser.cookies.get('sluice_session')}`;
    return rawRequest(server.url, '/iam/v3/me/', {
      method,
      headers: { cookie, 'content-type': 'application/json', ...headers },
      ...(method === 'GET' ? {} : { body: '{"first_name": "Changed"}' }),
    });
  };

  test.each([
    ['its own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['an application on a sibling host', { 'sec-fetch-site': 'same-site' }, 403],
    ['the address bar', { 'sec-fetch-site': 'none' }, 403],
    ['a page that says too much', { 'sec-fetch-site': 'cross-site', origin: 'OWN' }, 403],
    ['its own page in an old browser', { origin: 'OWN' }, 200],
    ['another site in an old browser', { origin: 'https://evil.example.com' }, 403],
    ['another port in an old browser', { origin: 'http://127.0.0.1:1' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['nowhere that one knows of', {}, 403],
  ])('that changes something, from %s', async (_name, given: Record<string, string>, status) => {
    await signedIn();
    const headers =
      'origin' in given && given['origin'] === 'OWN' ? { ...given, origin: server.url } : given;
    const answer = await change(headers);
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.headers['x-sluice-reason']).toBe('cross_site');
      expect(JSON.stringify(answer.json)).toContain("did not come from the control panel's pages");
    }
    // Looking is allowed from anywhere; other sites' scripts cannot read the answer.
    const seen = await change(headers, 'GET');
    expect(seen.status).toBe(200);
    expect(seen.headers['access-control-allow-origin']).toBeUndefined();
    expect((seen.json as { first_name: string }).first_name).toBe(status === 200 ? 'Changed' : '');
  });

  test.each(['/iam/v3/session/', '/iam/v3/setup/x/', '/iam/v3/session/passkey/options/'])(
    'cannot be signed in to %s by another site',
    async (path) => {
      const { email } = await person();
      const body = { email, password: PASSWORD };
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]) {
        const answer = await browser.send('POST', path, body, headers);
        expect(answer).toMatchObject({ status: 403, headers: { 'x-sluice-reason': 'cross_site' } });
      }
      expect(browser.cookies.size).toBe(0);
    },
  );

  test('is judged by its Authorization header alone where it has one', async () => {
    await signedIn();
    for (const authorization of ['Token nonsense', 'Basic eDp5', 'nonsense', '']) {
      expect((await browser.get('/iam/v3/me/', { authorization })).status, authorization).toBe(401);
    }
    const token = { authorization: `Token ${server.admin.token}`, 'sec-fetch-site': 'cross-site' };
    const answer = await browser.send('PATCH', '/iam/v3/me/', { last_name: 'T' }, token);
    expect(answer).toMatchObject({ status: 200, json: { email: 'admin@example.com' } });
  });

  test('opens neither git nor the door for runners', async () => {
    await signIn(browser, 'admin@example.com');
    const application = await server.client(server.admin.token).applications.create({
      ...{ name: 'Shop', organisation: server.organisationUuid },
    });
    const path = new URL(application.git_url).pathname;
    const git = await browser.get(`${path}/info/refs?service=git-upload-pack`);
    expect(git.status).toBe(401);
    const runner = await browser.send('POST', '/runner/v1/lease', { name: 'x', capacity: 1 });
    expect(runner.status).toBe(401);
  });
});

test('no route changes anything for a page of another site, whatever it is', async () => {
  await signIn(browser, 'admin@example.com');
  const { json } = await rawRequest(server.url, '/api/openapi.json');
  const { paths } = json as { paths: Record<string, Record<string, { security?: unknown[] }>> };
  let tried = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(methods)) {
      // git and the runners have doors of their own, which take no cookie at all.
      if (method === 'get' || security?.length === 0 || path.includes('/git-')) continue;
      tried += 1;
      const address = path.replace(/\{[^}]+\}/g, '1');
      const answer = await browser.send(
        method.toUpperCase(),
        address,
        {},
        {
          'sec-fetch-site': 'same-site',
        },
      );
      expect(answer.status, `${method} ${path}`).toBe(403);
      expect(answer.text, `${method} ${path}`).toContain("the control panel's pages");
    }
  }
  expect(tried).toBeGreaterThan(60);
});

test('sign-in options show nothing of anybody', async () => {
  const answer = await rawRequest(server.url, '/iam/v3/sign-in-options/');
  // An IP address can have no passkeys.
  expect(answer.json).toEqual({ first_run: false, passkeys: false, oidc: null });
  const named = await rawRequest(server.url, '/iam/v3/sign-in-options/', {
    headers: { host: 'localhost:8700' },
  });
  expect(named.json).toMatchObject({ passkeys: true });
});
