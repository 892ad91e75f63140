import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendProcess, route, World } from './fixtures/world.ts';
import type { Router } from './index.ts';

let world: World;
let router: Router;
let a: BackendProcess;
let b: BackendProcess;

beforeAll(async () => {
  world = await World.open();
  router = await world.startRouter({ headersTimeoutMs: 500, maxBodyBytes: 1_000_000 });
  [a, b] = await Promise.all([world.backend('a'), world.backend('b')]);
  await router.setRoute('app.localhost', route(1, a));
  await router.setRoute('Other.Example.com', { ...route(1, b), environmentUuid: 'environment-2' });
});

afterAll(() => world.close());

describe('finding the application', () => {
  it('goes by host name, whatever its case, port and closing dot', async () => {
    for (const host of [
      'app.localhost',
      'APP.localhost:8080',
      'app.localhost.',
      'app.localhost:1',
    ]) {
      expect((await world.ask({ host })).headers['x-backend']).toBe('a');
    }
    expect((await world.ask({ host: 'other.example.com' })).headers['x-backend']).toBe('b');
  });

  it('says what to do at a host where nothing is', async () => {
    const reply = await world.ask({ host: 'nobody.localhost' });
    expect(reply.status).toBe(404);
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(reply.body).toContain('Nothing is deployed at nobody.localhost');
    expect(reply.body).toContain('sluice app deploy');
  });

  it('answers 503 for a stopped environment and for one without instances', async () => {
    await router.setRoute('stopped.localhost', {
      ...route(1, a),
      environmentUuid: 's',
      status: 'stopped',
    });
    await router.setRoute('empty.localhost', { ...route(1), environmentUuid: 'e' });
    expect((await world.ask({ host: 'stopped.localhost' })).status).toBe(503);
    const empty = await world.ask({ host: 'empty.localhost' });
    expect(empty.status).toBe(503);
    expect(empty.body).toContain('No instance');
  });

  it('stops serving what is removed', async () => {
    await router.setRoute('gone.localhost', { ...route(1, a), environmentUuid: 'g' });
    expect((await world.ask({ host: 'gone.localhost' })).status).toBe(200);
    await router.removeRoute('gone.localhost');
    await router.removeRoute('gone.localhost');
    expect((await world.ask({ host: 'gone.localhost' })).status).toBe(404);
  });

  it('spreads requests over the instances', async () => {
    await router.setRoute('two.localhost', { ...route(1, a, b), environmentUuid: 'two' });
    const names: unknown[] = [];
    for (let i = 0; i < 10; i += 1)
      names.push((await world.ask({ host: 'two.localhost' })).headers['x-backend']);
    expect(names.filter((name) => name === 'a')).toHaveLength(5);
  });

  it('gives the next request to the instance with the least in hand', async () => {
    const slow = world.ask({ host: 'two.localhost', path: '/slow?ms=400' });
    await expect
      .poll(async () => (await router.stats()).backends.some((one) => one.inFlight > 0))
      .toBe(true);
    const busy = (await router.stats()).backends.find((one) => one.inFlight > 0)?.backend;
    const free = busy === `127.0.0.1:${a.port}` ? 'b' : 'a';
    for (let i = 0; i < 4; i += 1) {
      expect((await world.ask({ host: 'two.localhost' })).headers['x-backend']).toBe(free);
    }
    expect((await slow).status).toBe(200);
  });
});

describe('versions', () => {
  it('refuses a writer that lost its fence, and keeps the newer route', async () => {
    await router.setRoute('fenced.localhost', { ...route(7, a), environmentUuid: 'f' });
    await expect(
      router.setRoute('fenced.localhost', { ...route(6, b), environmentUuid: 'f' }),
    ).rejects.toMatchObject({
      code: 'conflict',
      reason: 'stale_version',
    });
    expect((await world.ask({ host: 'fenced.localhost' })).headers['x-backend']).toBe('a');
    await router.setRoute('fenced.localhost', { ...route(7, b), environmentUuid: 'f' });
    expect((await world.ask({ host: 'fenced.localhost' })).headers['x-backend']).toBe('b');
  });

  it('refuses it after a removal too, but not another environment that takes the name', async () => {
    await router.setRoute('moved.localhost', { ...route(9, a), environmentUuid: 'old' });
    await router.removeRoute('moved.localhost');
    await expect(
      router.setRoute('moved.localhost', { ...route(8, a), environmentUuid: 'old' }),
    ).rejects.toMatchObject({ code: 'conflict' });
    await router.setRoute('moved.localhost', { ...route(1, b), environmentUuid: 'new' });
    expect((await world.ask({ host: 'moved.localhost' })).headers['x-backend']).toBe('b');
  });

  it('changes nothing where one of several is stale', async () => {
    await router.setRoute('pair-1.localhost', { ...route(5, a), environmentUuid: 'p' });
    const both = ['pair-2.localhost', 'pair-1.localhost'].map((host) => ({
      ...route(4, b),
      environmentUuid: 'p',
      host,
    }));
    await expect(router.setRoutes(both)).rejects.toMatchObject({ code: 'conflict' });
    expect((await world.ask({ host: 'pair-2.localhost' })).status).toBe(404);
  });

  it('refuses what is no route', async () => {
    for (const bad of [
      { ...route(1, a), version: -1 },
      { ...route(1, { port: 0 }) },
      { ...route(1, a), environmentUuid: '' },
      { ...route(1), backends: [{ host: '1.2.3.4/../', port: 1 }] },
    ]) {
      await expect(router.setRoute('bad.localhost', bad)).rejects.toMatchObject({
        code: 'invalid',
      });
    }
    await expect(router.setRoute('no host\r\n', route(1, a))).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});

describe('what a backend sees', () => {
  const seen = async (headers: Record<string, string | string[]>) =>
    JSON.parse((await world.ask({ headers })).body).headers as Record<string, string>;

  it('is who asked, truly', async () => {
    const headers = await seen({
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil.example',
      'X-Real-IP': '6.6.6.6',
      Forwarded: 'for=6.6.6.6',
      X_Forwarded_For: '6.6.6.6',
      'X-Own': 'kept',
    });
    expect(headers).toMatchObject({
      host: 'app.localhost',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'app.localhost',
      'x-forwarded-port': String(world.port),
      'x-own': 'kept',
    });
    for (const name of ['forwarded', 'x-real-ip', 'x_forwarded_for'])
      expect(headers).not.toHaveProperty(name);
  });

  it('is what a trusted proxy in front says, and only such a one', async () => {
    const behind = await World.open();
    const other = behind.makeRouter({ trustedProxies: ['127.0.0.0/8'] });
    behind.port = (await other.start()).port;
    await other.setRoute('app.localhost', route(1, a));
    const headers = {
      'X-Forwarded-For': '198.51.100.7',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'shop.example.com',
      'X-Forwarded-Port': '443',
    };
    const reply = JSON.parse((await behind.ask({ headers })).body);
    await behind.close();
    expect(reply.headers).toMatchObject({
      'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example.com',
      'x-forwarded-port': '443',
    });
  });

  it('holds no field that was meant for the router, and none is taken that the application needs', async () => {
    const headers = await seen({
      Connection: 'close, X-Hop, Cookie, Host',
      'X-Hop': '1',
      'Keep-Alive': 'timeout=9',
      'Proxy-Authorization': 'Basic eA==',
      TE: 'trailers',
      Cookie: 'session=1',
    });
    for (const name of ['x-hop', 'keep-alive', 'proxy-authorization', 'te']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(headers['cookie']).toBe('session=1');
  });

  it('and what a client sees of it: repeated fields kept, connection fields gone', async () => {
    const reply = await world.ask({ path: '/hop' });
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(reply.headers).not.toHaveProperty('x-secret-hop');
    expect(reply.headers).not.toHaveProperty('proxy-authenticate');
  });
});

describe('attacks', () => {
  const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
  const attempts: Record<string, { text: string; status: RegExp }> = {
    'two Host fields': {
      text: head(
        'GET / HTTP/1.1',
        'Host: app.localhost',
        'Host: other.example.com',
        'Connection: close',
      ),
      status: /^HTTP\/1.1 400 /,
    },
    'no Host field': {
      text: head('GET / HTTP/1.1', 'Connection: close'),
      status: /^HTTP\/1.1 400 /,
    },
    'a Host with a path': {
      text: head('GET / HTTP/1.1', 'Host: app.localhost/other', 'Connection: close'),
      status: /^HTTP\/1.1 400 /,
    },
    'a Host with credentials': {
      text: head('GET / HTTP/1.1', 'Host: app.localhost@evil', 'Connection: close'),
      status: /^HTTP\/1.1 400 /,
    },
    'a target that disagrees with Host': {
      text: head(
        'GET http://other.example.com/ HTTP/1.1',
        'Host: app.localhost',
        'Connection: close',
      ),
      status: /^HTTP\/1.1 400 /,
    },
    'length beside chunked': {
      text: `${head('POST / HTTP/1.1', 'Host: app.localhost', 'Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\nGET /`,
      status: /^HTTP\/1.1 400 /,
    },
    'two lengths': {
      text: `${head('POST / HTTP/1.1', 'Host: app.localhost', 'Content-Length: 1', 'Content-Length: 2')}ab`,
      status: /^HTTP\/1.1 400 /,
    },
    'a signed length': {
      text: `${head('POST / HTTP/1.1', 'Host: app.localhost', 'Content-Length: +1')}a`,
      status: /^HTTP\/1.1 400 /,
    },
    'a coding that only some would take for chunked': {
      text: `${head('POST / HTTP/1.1', 'Host: app.localhost', 'Transfer-Encoding: xchunked', 'Connection: close')}0\r\n\r\n`,
      status: /^HTTP\/1.1 (400|501) /,
    },
    'codings in a list': {
      text: `${head('POST / HTTP/1.1', 'Host: app.localhost', 'Transfer-Encoding: gzip, chunked', 'Connection: close')}0\r\n\r\n`,
      status: /^HTTP\/1.1 (400|501) /,
    },
    'chunked in HTTP/1.0': {
      text: `${head('POST / HTTP/1.0', 'Host: app.localhost', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      status: /^HTTP\/1.1 400 /,
    },
    'a chunk size that is none': {
      text: `${head('POST /slow?ms=1 HTTP/1.1', 'Host: app.localhost', 'Transfer-Encoding: chunked')}0x5\r\nabcde\r\n0\r\n\r\n`,
      status: /^HTTP\/1.1 400 /,
    },
    'a space before the colon': {
      text: head('GET / HTTP/1.1', 'Host: app.localhost', 'Content-Length : 5'),
      status: /^HTTP\/1.1 400 /,
    },
    'a folded line': {
      text: head(
        'GET / HTTP/1.1',
        'Host: app.localhost',
        'X-A: 1',
        ' folded: 2',
        'Connection: close',
      ),
      status: /^HTTP\/1.1 400 /,
    },
    'a bare line feed in a value': {
      text: head(
        'GET / HTTP/1.1',
        'Host: app.localhost',
        'X-A: 1\nX-Injected: 2',
        'Connection: close',
      ),
      status: /^HTTP\/1.1 400 /,
    },
    'a bare carriage return in a value': {
      text: head(
        'GET / HTTP/1.1',
        'Host: app.localhost',
        'X-A: 1\rX-Injected: 2',
        'Connection: close',
      ),
      status: /^HTTP\/1.1 400 /,
    },
    'a NUL in a value': {
      text: head('GET / HTTP/1.1', 'Host: app.localhost', 'X-A: 1\x002', 'Connection: close'),
      status: /^HTTP\/1.1 400 /,
    },
    'a head that is too long': {
      text: head('GET / HTTP/1.1', 'Host: app.localhost', `X-A: ${'a'.repeat(20_000)}`),
      status: /^HTTP\/1.1 431 /,
    },
    CONNECT: {
      text: head('CONNECT 127.0.0.1:22 HTTP/1.1', 'Host: 127.0.0.1:22'),
      status: /^HTTP\/1.1 501 /,
    },
    TRACE: {
      text: head('TRACE / HTTP/1.1', 'Host: app.localhost', 'Connection: close'),
      status: /^HTTP\/1.1 501 /,
    },
    'HTTP/2 in plain text': {
      text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      status: /^HTTP\/1.1 (400|505) /,
    },
    'an asterisk': {
      text: head('OPTIONS * HTTP/1.1', 'Host: app.localhost', 'Connection: close'),
      status: /^HTTP\/1.1 400 /,
    },
    'a script for a host': {
      text: head('GET / HTTP/1.1', 'Host: <script>', 'Connection: close'),
      status: /^HTTP\/1.1 400 /,
    },
    nonsense: { text: '\x16\x03\x01\x02\x00\x01\x00', status: /^HTTP\/1.1 400 / },
  };

  it.each(Object.entries(attempts))(
    '%s is refused, and no second answer follows',
    async (_name, attempt) => {
      const reply = await world.raw(attempt.text);
      expect(reply).toMatch(attempt.status);
      expect(reply).not.toContain('X-Backend');
      expect(reply.match(/^HTTP\/1.1/gm)).toHaveLength(1);
    },
  );

  it('an absolute target that agrees is served, as the standard asks', async () => {
    const reply = await world.raw(
      'GET http://APP.localhost/x?y HTTP/1.1\r\nHost: app.localhost\r\nConnection: close\r\n\r\n',
    );
    expect(reply).toContain('"url":"/x?y"');
  });

  it('h2c is not tunnelled but served as the plain request it also is', async () => {
    const reply = await world.raw(
      'GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n',
    );
    expect(reply).toMatch(/^HTTP\/1.1 200 /);
    expect(reply.toLowerCase()).not.toContain('upgrade');
  });

  it('a client that does not finish its head is cut off', async () => {
    const reply = await world.raw('GET / HTTP/1.1\r\nHost: app.loc');
    expect(reply).toMatch(/^HTTP\/1.1 408 |^$/);
  });

  it('a body above the limit is refused before and while it comes', async () => {
    const announced = await world.ask({
      method: 'POST',
      headers: { 'Content-Length': 1_000_001, Expect: '100-continue' },
    });
    expect(announced.status).toBe(413);
    const chunked = await world.ask({
      method: 'POST',
      headers: { 'Transfer-Encoding': 'chunked' },
      body: Buffer.alloc(1_000_001),
    });
    expect(chunked.status).toBe(413);
    expect((await world.ask({ method: 'POST', body: Buffer.alloc(1_000_000) })).status).toBe(200);
  });
});

describe('the control socket', () => {
  it('is for its owner alone', () => {
    expect(statSync(join(world.dataDir, 'run')).mode & 0o777).toBe(0o700);
    expect(statSync(join(world.dataDir, 'run', 'router.sock')).mode & 0o077).toBe(0);
    expect(statSync(join(world.dataDir, 'router', 'table.json')).mode & 0o077).toBe(0);
  });

  it('is not reachable through the port for applications', async () => {
    expect((await world.ask({ path: '/v1/routes', host: 'localhost' })).status).toBe(404);
  });
});
