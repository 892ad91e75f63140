import { createOidcProvider, type OidcProvider } from '@sluice/testing';
import { Secret, TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBrowser, type TestBrowser } from '../../test/browser.ts';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { type RawAnswer, rawRequest } from '../../test/raw-request.ts';
import { ownPath } from './routes/oidc.ts';

let provider: OidcProvider;
let server: HttpServer;
let browser: TestBrowser;
let people = 0;

const optionsFor = (createUsers: boolean, allowedDomains: readonly string[] = []) => ({
  ...{ issuer: provider.issuer, clientId: provider.clientId, name: 'Test', createUsers },
  ...{ clientSecret: provider.clientSecret, allowedDomains },
});

beforeAll(async () => {
  provider = await createOidcProvider();
  server = await startHttpServer({ accounts: { oidc: optionsFor(false) } });
});
afterAll(async () => {
  await server.stop();
  await provider.close();
});
beforeEach(() => {
  people += 1;
  browser = createBrowser(server.url);
  provider.person = { sub: `sub-${people}`, email: email(), email_verified: true };
});
afterEach(() => {
  provider.forgery = {};
  provider.tellsOnlyWhenAsked = false;
});

const email = () => `person${people}@example.com`;
const locationOf = (answer: RawAnswer) => new URL(String(answer.headers['location']), server.url);
const person = () =>
  server.accounts.createUser({ email: email(), password: 'correct horse battery' }, null, 'test');

/** The way to the provider; answers where it sends the browser back to. */
async function toProvider(who = browser, query = ''): Promise<URL> {
  const start = await who.get(`/auth/oidc/start${query}`);
  expect(start.status).toBe(302);
  const there = locationOf(start);
  expect(there.origin).toBe(provider.issuer);
  const back = await rawRequest(provider.issuer, `${there.pathname}${there.search}`);
  return locationOf(back);
}

const comeBack = (to: URL, who = browser) => who.get(`${to.pathname}${to.search}`);

async function signIn(query = ''): Promise<URL> {
  return locationOf(await comeBack(await toProvider(browser, query)));
}

const statusOf = async (who: TestBrowser) => (await who.get('/iam/v3/session/')).status;

describe('signing in at the provider', () => {
  test('opens the account of the verified email, and afterwards of the same person', async () => {
    const user = await person();
    const arrived = await signIn('?next=%2Fpeople%3Fa%3D1');
    expect(arrived.pathname + arrived.search).toBe('/people?a=1');
    expect((await browser.get('/iam/v3/session/')).json).toMatchObject({
      user: { uuid: user.uuid },
    });
    const { json } = await browser.get('/iam/v3/sessions/');
    expect(json).toMatchObject({ results: [{ method: 'oidc', current: true }] });
    // The provider's name for the person counts from now on, not the address.
    provider.person = { ...provider.person, email: 'renamed@example.com' };
    browser = createBrowser(server.url);
    await signIn();
    expect((await browser.get('/iam/v3/session/')).json).toMatchObject({
      user: { uuid: user.uuid },
    });
  });

  test('takes the email from where the provider tells it', async () => {
    await person();
    provider.tellsOnlyWhenAsked = true;
    expect((await signIn()).pathname).toBe('/');
    expect(await statusOf(browser)).toBe(200);
  });

  test.each([
    [
      'an email that the provider does not vouch for',
      { email_verified: false },
      'oidc_email_unverified',
    ],
    ['no email', { email: undefined }, 'oidc_email_unverified'],
    ['an email without account here', { email: 'nobody@example.com' }, 'oidc_no_account'],
  ])('is refused with %s', async (_name, change, reason) => {
    await person();
    provider.person = { ...provider.person, ...change } as typeof provider.person;
    const arrived = await signIn();
    expect(arrived.pathname).toBe('/sign-in');
    expect(arrived.searchParams.get('error')).toBe(reason);
    expect(await statusOf(browser)).toBe(401);
  });

  test('is refused to a disabled account, a machine, and to another person with the same email', async () => {
    const user = await person();
    await signIn();
    const reason = async () => {
      browser = createBrowser(server.url);
      return (await signIn()).searchParams.get('error');
    };
    provider.person = { ...provider.person, sub: 'somebody else' };
    expect(await reason()).toBe('oidc_other_person');
    await server.accounts.users.update(user.uuid, { disabled: true }, 'test');
    provider.person = { ...provider.person, sub: `sub-${people}` };
    expect(await reason()).toBe('oidc_no_account');
    await server.accounts.createMachineUser({ email: 'bot@example.com' }, null, 'test');
    provider.person = { sub: 'bot', email: 'bot@example.com', email_verified: true };
    expect(await reason()).toBe('oidc_no_account');
  });

  test('asks for the second factor that the account has here', async () => {
    const user = await person();
    const self = { userUuid: user.uuid, email: user.email, sessionUuid: 'none' };
    const { secret } = await server.accounts.twoFactor.begin(self, 'Sluice');
    const codeAt = (timestamp: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
    const [recovery = ''] = await server.accounts.twoFactor.confirm(self, codeAt(Date.now()));
    const arrived = await signIn('?next=%2Fpeople');
    expect(`${arrived.pathname}${arrived.search}`).toBe(
      '/sign-in?second_factor=oidc&next=%2Fpeople',
    );
    expect(await statusOf(browser)).toBe(401);
    const give = (code: string, who = browser) =>
      who.send('POST', '/iam/v3/session/second-factor/', { code });
    expect((await give(recovery, createBrowser(server.url))).headers['x-sluice-reason']).toBe(
      'oidc_expired',
    );
    expect((await give('000000')).headers['x-sluice-reason']).toBe('second_factor_wrong');
    expect(await give(recovery)).toMatchObject({ status: 200, json: { user: { email: email() } } });
    expect(await statusOf(browser)).toBe(200);
    expect((await give(codeAt(Date.now() + 30_000))).status).toBe(400);
  });
});

describe('coming back', () => {
  test.each([
    ['the nonce of another round trip', { claims: { nonce: 'other' } }],
    ['an ID token for another client', { claims: { aud: 'other' } }],
    ['an ID token of another issuer', { claims: { iss: 'https://evil.example.com' } }],
    ['an ID token that has expired', { claims: { exp: 1 } }],
    ['a signature by another key', { wrongKey: true }],
  ])('with %s signs nobody in', async (_name, forgery) => {
    await person();
    provider.forgery = forgery;
    expect((await signIn()).searchParams.get('error')).toBe('oidc_failed');
    expect(await statusOf(browser)).toBe(401);
  });

  test('works once, in the browser that set out, with its own state', async () => {
    await person();
    const back = await toProvider();
    const victim = createBrowser(server.url);
    // Somebody sends their own link: the victim would be signed in to the sender's account.
    expect(locationOf(await comeBack(back, victim)).searchParams.get('error')).toBe('oidc_expired');
    await toProvider(victim);
    expect(locationOf(await comeBack(back, victim)).searchParams.get('error')).toBe('oidc_failed');
    expect(await statusOf(victim)).toBe(401);
    expect(locationOf(await comeBack(back)).pathname).toBe('/');
    expect(locationOf(await comeBack(back)).searchParams.get('error')).toBe('oidc_expired');
  });

  test('after a refusal there says so', async () => {
    const back = await toProvider();
    back.searchParams.delete('code');
    back.searchParams.set('error', 'access_denied');
    expect(locationOf(await comeBack(back)).searchParams.get('error')).toBe('oidc_denied');
  });
});

test.each([
  ['/people?a=1#b', '/people?a=1#b'],
  ['//evil.example.com/', '/'],
  ['/\\evil.example.com/', '/'],
  ['/\t/evil.example.com/', '/'],
  ['https://evil.example.com/', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('after signing in %j leads to %s', (to, path) => {
  expect(ownPath(to, { origin: 'https://ci.example.com' })).toBe(path);
});

describe('settings', () => {
  test('make accounts, for the domains that they name', async () => {
    const other = await startHttpServer({
      accounts: { oidc: optionsFor(true, ['example.com']) },
    });
    const visit = async () => {
      browser = createBrowser(other.url);
      const there = locationOf(await browser.get('/auth/oidc/start'));
      const back = await rawRequest(provider.issuer, `${there.pathname}${there.search}`);
      return locationOf(await comeBack(locationOf(back)));
    };
    provider.person = { ...provider.person, given_name: 'Ada', family_name: 'Lovelace' };
    expect((await visit()).pathname).toBe('/');
    expect((await browser.get('/iam/v3/session/')).json).toMatchObject({
      user: { email: email(), first_name: 'Ada', last_name: 'Lovelace', is_admin: false },
      organisations: [],
    });
    provider.person = { sub: 'x', email: 'me@notexample.com', email_verified: true };
    expect((await visit()).searchParams.get('error')).toBe('oidc_domain');
    await other.stop();
  });

  test('name a provider on the sign-in page, or there is none', async () => {
    const options = await rawRequest(server.url, '/iam/v3/sign-in-options/');
    expect(options.json).toMatchObject({ oidc: { name: 'Test', url: '/auth/oidc/start' } });
    const without = await startHttpServer();
    expect((await rawRequest(without.url, '/auth/oidc/start')).status).toBe(404);
    expect((await rawRequest(without.url, '/auth/oidc/callback?code=x')).status).toBe(404);
    await without.stop();
  });

  test('of a provider that does not answer lead back to the sign-in page', async () => {
    const away = await startHttpServer({
      accounts: { oidc: { ...optionsFor(false), issuer: 'http://127.0.0.1:1' } },
    });
    const answer = await rawRequest(away.url, '/auth/oidc/start');
    expect(locationOf(answer).searchParams.get('error')).toBe('oidc_unavailable');
    await away.stop();
  });
});
