import { connect } from 'node:net';
import { join } from 'node:path';
import type { Application } from '@sluice/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBrowser } from '../../test/browser.ts';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { type RawRequest, rawRequest } from '../../test/raw-request.ts';

let server: HttpServer;
let application: Application;

beforeAll(async () => {
  server = await startHttpServer({
    settings: { trustedProxies: ['127.0.0.1'] },
  });
  application = await server.client(server.admin.token).applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
});

afterAll(() => server.stop());

const call = (path: string, options: RawRequest = {}) =>
  rawRequest(server.url, path, {
    ...options,
    headers: { authorization: `Token ${server.admin.token}`, ...options.headers },
  });

const form = (fields: Record<string, string>): RawRequest => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});

const json = (value: unknown, method = 'POST'): RawRequest => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});

describe('paths', () => {
  test.each([
    '/iam/v3/me',
    '/apps/v3/applications',
    '/apps/v3',
    '/legacy/v3/applications',
    '/api/v1/website/1/deploy',
    '/track',
    '/apps/v3/regions',
  ])('%s answers with and without the last slash, without a redirect', async (path) => {
    const without = await call(path);
    const withSlash = await call(`${path}/`);
    expect([without.status, withSlash.status]).toEqual([200, 200]);
    // `next` keeps the path that was used; there is none here.
    expect(without.json).toEqual(withSlash.json);
  });

  test.each(['/nope', '/apps/v3/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/apps/v3/nope/'])(
    '%s is not found, in the words of the API',
    async (path) => {
      expect(await call(path)).toMatchObject({
        status: 404,
        json: { detail: expect.stringMatching(/^Not found/) },
      });
    },
  );
});

describe('credentials', () => {
  const forms = (token: string) => [
    `Token ${token}`,
    `Bearer ${token}`,
    `Basic ${token}`,
    `basic ${Buffer.from(`anything:${token}`).toString('base64')}`,
    `Basic ${Buffer.from(`${token}:`).toString('base64')}`,
    `Basic ${Buffer.from(token).toString('base64')}`,
  ];

  test('are taken in every form', async () => {
    for (const authorization of forms(server.admin.token)) {
      const answer = await call('/iam/v3/me/', { headers: { authorization } });
      expect(answer, authorization).toMatchObject({
        status: 200,
        json: { uuid: server.admin.user.uuid, email: 'admin@example.com' },
      });
    }
  });

  test('that are wrong are 401 in every form', async () => {
    for (const authorization of forms(`slc_${'0'.repeat(40)}`)) {
      expect((await call('/iam/v3/me/', { headers: { authorization } })).status).toBe(401);
    }
    const none = await rawRequest(server.url, '/iam/v3/me/');
    expect(none).toMatchObject({
      status: 401,
      json: { detail: expect.stringMatching(/^Authentication credentials were not provided/) },
    });
  });

  test('by form field: v1 login', async () => {
    const answer = await rawRequest(
      server.url,
      '/api/v1/login-with-token/',
      form({ token: server.admin.token }),
    );
    expect(answer).toMatchObject({ status: 200, json: { email: 'admin@example.com' } });
    for (const token of ['', 'x', `slc_${'0'.repeat(40)}`]) {
      const wrong = await rawRequest(server.url, '/api/v1/login-with-token/', form({ token }));
      expect(wrong.status).toBe(401);
    }
  });

  test("an email and a password open git, not the API's lists", async () => {
    const pair = Buffer.from('admin@example.com:correct horse battery').toString('base64');
    const headers = { authorization: `Basic ${pair}` };
    expect((await call('/iam/v3/me/', { headers })).status).toBe(401);
    const path = '/default/shop.git/info/refs?service=git-upload-pack';
    expect((await call(path, { headers })).status).toBe(200);
  });
});

describe('bodies', () => {
  test('a JSON object on GET is neither required nor refused', async () => {
    const answer = await call('/apps/v3/applications/', json({}, 'GET'));
    expect(answer).toMatchObject({ status: 200, json: { count: 1 } });
  });

  test('forms and JSON are the same', async () => {
    const { results } = await server
      .client(server.admin.token)
      .environments.list({ application: application.uuid });
    const environment = results[0]?.uuid ?? '';
    const path = '/apps/v3/environment-variables/';
    const byForm = await call(
      path,
      form({ environment, name: 'BY_FORM', value: '1', is_sensitive: 'true' }),
    );
    const byJson = await call(
      path,
      json({ environment, name: 'BY_JSON', value: '1', is_sensitive: true }),
    );
    const expected = { environment, value: null, is_sensitive: true };
    expect(byForm).toMatchObject({ status: 201, json: { ...expected, name: 'BY_FORM' } });
    expect(byJson).toMatchObject({ status: 201, json: { ...expected, name: 'BY_JSON' } });
    const patched = await call(`/apps/v3/environments/${environment}/`, {
      ...form({ branch: 'next', auto_deploy: 'true' }),
      method: 'PATCH',
    });
    expect(patched).toMatchObject({ status: 200, json: { branch: 'next', auto_deploy: true } });
  });

  test('errors name the fields', async () => {
    const missing = await call('/apps/v3/environment-variables/', json({}));
    expect(missing).toMatchObject({
      status: 400,
      json: {
        environment: ['This field is required.'],
        name: ['This field is required.'],
        value: ['This field is required.'],
      },
    });
    const wrong = await call(
      '/apps/v3/environment-variables/',
      json({ environment: 1, name: [], value: {} }),
    );
    expect(Object.keys(wrong.json as object).sort()).toEqual(['environment', 'name', 'value']);
  });

  test('one field alone is validated and nothing is created', async () => {
    const path = '/apps/v3/applications/';
    const good = await call(path, json({ name: 'Another' }));
    expect(good.status).toBe(400);
    expect(good.json).not.toHaveProperty('name');
    const bad = await call(path, json({ slug: 'shop' }));
    expect(bad.json).toMatchObject({ slug: [expect.any(String)], name: [expect.any(String)] });
    const template = await call(path, json({ app_template: 'nope' }));
    expect(template.json).toMatchObject({ app_template: [expect.any(String)] });
    expect((await call(path)).json).toMatchObject({ count: 1 });
  });

  test.each([
    ['malformed JSON', json('{"name": '), 400],
    ['JSON of another kind', json('[1]'), 400],
    ['a prototype', json('{"__proto__": {"isAdmin": true}}'), 400],
    ['a body that is too large', json({ name: 'x'.repeat(1_100_000) }), 413],
    ['another type', { ...json('<a/>'), headers: { 'content-type': 'text/xml' } }, 415],
    ['nothing at all', { method: 'POST' }, 400],
    ['an empty JSON body', json(''), 400],
  ])('%s is a clear error', async (_name, options, status) => {
    const answer = await call('/apps/v3/applications/', options);
    expect(answer.status).toBe(status);
    expect(typeof answer.json).toBe('object');
    expect(answer.text).not.toMatch(/ at .*\.ts:|node_modules|Error:/);
    expect(answer.text.length).toBeLessThan(500);
  });
});

test('whoever is still sending too much comes to read why it is refused', async () => {
  const body = Buffer.alloc(20_000_000, 'x');
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const head = `POST /api/v1/login-with-token/ HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n`;
    socket.once('error', reject);
    socket.write(`${head}content-type: application/x-www-form-urlencoded\r\n\r\n`);
    // As Python's http.client: all of it first, and only then the answer.
    socket.write(body, () => socket.once('data', (data) => resolve(data.toString())));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test.each(['/apps/v3/deployments/%ff/', `/apps/v3/deployments/${'a'.repeat(3_000)}/`])(
  'an address that cannot be is refused in the same shape as all else: %s',
  async (path) => {
    const answer = await call(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.json).toEqual({ detail: 'This address is not valid.' });
  },
);

describe('the scopes of a token', () => {
  const make = (body: object) => call('/iam/v3/access-tokens/', json({ name: 'x', ...body }));

  test('are never wider than a misspelt limit', async () => {
    const limited = { actions: ['application:deploy'], application: 'one' };
    expect((await make({ scopes: [limited] })).json).toHaveProperty('scopes');
    expect((await make({ scope: ['deploy'] })).json).toHaveProperty('scope');
    expect((await make({ scopes: ['deploy@nowhere'] })).status).toBe(400);
  });

  test('may be written as on the command line', async () => {
    const made = await make({ scopes: ['deploy@shop'] });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      scopes: [
        { actions: ['application:deploy', 'build:read'], applications: [expect.any(String)] },
      ],
    });
  });
});

describe('lists', () => {
  test('ignore unknown and empty parameters, and take repeated ones as alternatives', async () => {
    const second = await server.client(server.admin.token).applications.create({
      ...{ name: 'Blog', organisation: server.organisationUuid },
    });
    const count = async (query: string) =>
      ((await call(`/apps/v3/applications/${query}`)).json as { count: number }).count;
    expect(await count('?nonsense=1&slug=&uuid=')).toBe(2);
    expect(await count(`?uuid=${second.uuid}&uuid=${application.uuid}`)).toBe(2);
    expect(await count('?slug=blog&slug=nope')).toBe(1);
    expect(await count('?slug=nope')).toBe(0);
    expect(await count('?id=1')).toBe(1);
    expect(await count('?id=x')).toBe(0);
    expect((await call('/apps/v3/services/?region=x&')).json).toEqual({
      ...{ count: 0, next: null, previous: null, results: [] },
    });
  });

  test('link to absolute pages on the address that the client used', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example.com' };
    const first = await call('/apps/v3/applications/?page_size=1', { headers });
    expect(first.json).toMatchObject({
      count: 2,
      next: 'https://api.example.com/apps/v3/applications/?page_size=1&page=2',
      previous: null,
    });
    const second = await call('/apps/v3/applications/?page_size=1&page=2');
    expect(second.json).toMatchObject({
      next: null,
      previous: `${server.url}/apps/v3/applications/?page_size=1&page=1`,
    });
    expect((await call('/apps/v3/applications/?page=0')).status).toBe(400);
    expect((await call('/apps/v3/applications/?page=99')).json).toMatchObject({ results: [] });
  });

  test('a website id is found as the divio client looks for it', async () => {
    const { id, uuid } = application;
    const found = await call(`/legacy/v3/applications/?id=${id}`, json({}, 'GET'));
    expect(found.json).toMatchObject({ results: [{ uuid }] });
    const unknown = await call('/legacy/v3/applications/?id=99999');
    expect(unknown.json).toMatchObject({ results: [] });
    expect((await call('/api/v1/slug-to-id/shop/')).json).toEqual({ id });
    expect((await call(`/api/v1/slug-to-id/${uuid}/`)).json).toEqual({ id });
  });

  test('an unknown environment is an error for the divio client alone', async () => {
    const path = `/apps/v3/environments/?application=${application.uuid}&slug=nope`;
    const divio = await call(path, { headers: { 'user-agent': 'divio-cli/4.0.5 (x)' } });
    expect(divio.status).toBe(404);
    expect(divio.json).toEqual({
      non_field_errors: ['There is no environment "nope"; there are: test, live.'],
    });
    expect((await call(path)).json).toMatchObject({ count: 0 });
  });
});

describe('v1', () => {
  const path = '/api/v1/website/1/deploy/';

  test('names the environments there are', async () => {
    for (const options of [form({ stage: 'nope' }), form({}), json({ stage: null })]) {
      const answer = await call(path, options);
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual({ stage: [expect.stringContaining('test, live')] });
    }
  });

  test('a website that is not there is 404', async () => {
    for (const id of ['9999', 'x', '-1', '0', '1e0', '99999999999999999999']) {
      const answer = await call(`/api/v1/website/${id}/deploy/`, form({ stage: 'test' }));
      expect(answer.status, id).toBe(404);
    }
  });
});

describe('the first administrator', () => {
  test('is made by a link that works once, and is signed in', async () => {
    const link = await server.accounts.createSetupLink();
    const path = `/iam/v3/setup/${link}/`;
    const isOpen = async () => (await rawRequest(server.url, path)).json;
    // Looking does not use it up.
    expect([await isOpen(), await isOpen()]).toEqual([{ open: true }, { open: true }]);
    const browser = createBrowser(server.url);
    const person = { email: 'first@example.com', first_name: 'Ada', password: 'short' };
    const refused = await browser.send('POST', path, person);
    expect(refused).toMatchObject({ status: 400, json: { password: [expect.any(String)] } });
    expect(await isOpen()).toEqual({ open: true });

    const password = 'correct horse battery';
    const made = await browser.send('POST', path, { ...person, password });
    expect(made).toMatchObject({
      status: 201,
      json: { user: { email: 'first@example.com', first_name: 'Ada', is_admin: true } },
    });
    expect(await browser.get('/iam/v3/me/')).toMatchObject({ status: 200 });
    expect(await isOpen()).toEqual({ open: false });
    const other = { email: 'second@example.com', password };
    expect((await browser.send('POST', path, other)).status).toBe(404);
  });

  test('comes to the page of the panel with the link from the console', async () => {
    const link = await server.accounts.createSetupLink();
    const answer = await rawRequest(server.url, `/setup/${link}`, {
      headers: { accept: 'application/json' },
    });
    // A page is for browsers; no program makes an administrator by following a link.
    expect(answer.status).toBe(404);
  });
});

describe('the internal door', () => {
  const socketPath = () => join(server.dataDir, 'run', 'internal.sock');
  const hook = json({ token: 'x', repositoryUuid: 'x', updates: [] });

  test('answers on the socket and is not there over TCP', async () => {
    const path = '/internal/git/pre-receive';
    expect((await call(path, hook)).status).toBe(404);
    const forged = { ...hook, headers: { ...hook.headers, 'x-internal': '1', host: 'localhost' } };
    expect((await call(path, forged)).status).toBe(404);
    const inside = await rawRequest(server.url, path, { ...hook, socketPath: socketPath() });
    expect(inside.status).not.toBe(404);
  });

  test('still asks for a token where people are asked for one', async () => {
    const answer = await rawRequest(server.url, '/iam/v3/me/', { socketPath: socketPath() });
    expect(answer.status).toBe(401);
  });
});

describe('every answer', () => {
  test.each(['/healthz', '/nope', '/iam/v3/me/', '/api/openapi.json'])(
    '%s carries headers that keep browsers from doing anything with it',
    async (path) => {
      const { headers } = await rawRequest(server.url, path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    },
  );

  test('to HEAD has no body', async () => {
    expect(await call('/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});
