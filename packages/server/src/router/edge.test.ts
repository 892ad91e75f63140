import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendProcess, route, World } from './fixtures/world.ts';
import type { Router } from './index.ts';

const SECRET = 'known to the edge alone';

let alone: World;
let behind: World;
let router: Router;
let a: BackendProcess;

beforeAll(async () => {
  [alone, behind] = await Promise.all([World.open(), World.open()]);
  router = await alone.startRouter();
  const withEdge = behind.makeRouter({ edge: { secret: SECRET, httpsPort: 8443 } });
  behind.port = (await withEdge.start()).port;
  a = await alone.backend('a');
  for (const one of [router, withEdge]) {
    await one.setRoutes([
      { ...route(1, a), host: 'shop.example.com' },
      { ...route(1, a), host: 'old.example.com', redirectTo: 'shop.example.com' },
    ]);
  }
});
afterAll(async () => {
  await behind?.close();
  await alone?.close();
});

const fromEdge = (proto: string) => ({
  'X-Sluice-Edge': SECRET,
  'X-Forwarded-For': '198.51.100.7',
  'X-Forwarded-Proto': proto,
  'X-Forwarded-Port': '8443',
});

describe('a host name that redirects', () => {
  it('keeps path, query and port, without anything in front', async () => {
    const reply = await alone.ask({ host: 'old.example.com:8081', path: '/a//b?c=%20d' });
    expect(reply.status).toBe(308);
    expect(reply.headers.location).toBe('http://shop.example.com:8081/a//b?c=%20d');
  });

  it('does not do so for a WebSocket either', async () => {
    const reply = await alone.raw(
      'GET /chat HTTP/1.1\r\nHost: old.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(reply).toMatch(/^HTTP\/1.1 308 [\s\S]*Location: http:\/\/shop.example.com\/chat\r\n/);
  });

  it('is served again once it redirects no more, also after the router was started anew', async () => {
    const host = 'changed.example.com';
    await router.setRoutes([{ ...route(1, a), host, redirectTo: 'shop.example.com' }]);
    await router.shutdown();
    await router.start();
    expect((await alone.ask({ host })).status).toBe(308);
    await router.setRoutes([{ ...route(1, a), host }]);
    expect((await alone.ask({ host })).status).toBe(200);
  });
});

describe('behind an edge', () => {
  it('believes who knows the secret, and passes that on to nobody', async () => {
    const reply = await behind.ask({ host: 'shop.example.com', headers: fromEdge('https') });
    const { headers } = JSON.parse(reply.body);
    expect(headers).toMatchObject({
      'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '8443',
    });
    expect(headers).not.toHaveProperty('x-sluice-edge');
  });

  it('believes nobody else, from whatever address', async () => {
    const headers = { ...fromEdge('https'), 'X-Sluice-Edge': 'a guess' };
    const reply = await behind.ask({ host: 'shop.example.com', headers });
    expect(JSON.parse(reply.body).headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
  });

  it('sends plain HTTP on to https, and redirects in the same step', async () => {
    const location = async (host: string, proto: string) =>
      (await behind.ask({ host, path: '/x?y', headers: fromEdge(proto) })).headers.location;
    expect(await location('shop.example.com', 'http')).toBe('https://shop.example.com:8443/x?y');
    expect(await location('old.example.com', 'http')).toBe('https://shop.example.com:8443/x?y');
    expect(await location('old.example.com:8443', 'https')).toBe(
      'https://shop.example.com:8443/x?y',
    );
    const unknown = await behind.ask({ host: 'nobody.example.com', headers: fromEdge('http') });
    expect(unknown.status).toBe(404);
  });

  it('says which names may have a certificate, to the edge alone', async () => {
    const ask = async (key: string, domain: string) => {
      const query = new URLSearchParams({ key, domain }).toString();
      const path = `/.sluice/edge/ask?${query}`;
      const { status, body } = await behind.ask({ host: `127.0.0.1:${behind.port}`, path });
      return `${status} ${body.split('\n')[0]}`;
    };
    expect(await ask(SECRET, 'shop.example.com')).toBe('200 known');
    expect(await ask(SECRET, 'nobody.example.com')).toBe('404 unknown');
    expect(await ask('a guess', 'shop.example.com')).toBe('404 Nothing is deployed at 127.0.0.1.');
  });

  it('is replaced when it should believe another secret', async () => {
    const before = behind.makeRouter({ edge: { secret: SECRET, httpsPort: 8443 } });
    const next = behind.makeRouter({ edge: { secret: 'another', httpsPort: 8443 } });
    await before.start();
    before.stop();
    behind.port = (await next.start()).port;
    const reply = await behind.ask({ host: 'shop.example.com', headers: fromEdge('https') });
    expect(JSON.parse(reply.body).headers['x-forwarded-proto']).toBe('http');
  });
});
