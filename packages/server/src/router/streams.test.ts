import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackendProcess, readUntil, route, World } from './fixtures/world.ts';
import type { Router } from './index.ts';

let world: World;
let router: Router;
let backend: BackendProcess;

beforeAll(async () => {
  world = await World.open();
  router = await world.startRouter({
    readTimeoutMs: 700,
    sendTimeoutMs: 500,
    clientStallTimeoutMs: 600,
  });
  backend = await world.backend('one');
  await router.setRoute('app.localhost', route(1, backend));
});

afterAll(() => world.close());

const handshake =
  'GET /chat HTTP/1.1\r\nHost: app.localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

it('joins a WebSocket to its backend, both ways, with bytes that came early', async () => {
  const socket = await world.connect();
  socket.write(`${handshake}early`);
  const opening = await readUntil(socket, 'helloearly');
  expect(opening).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/);
  expect(opening).toContain('Upgrade: websocket');
  const payload = randomBytes(3_000_000);
  const received: Buffer[] = [];
  let size = 0;
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    size += chunk.length;
    if (size >= payload.length) socket.end();
  });
  socket.write(payload);
  await once(socket, 'close');
  expect(Buffer.concat(received).equals(payload)).toBe(true);
  await expect.poll(async () => (await router.stats()).upgradedConnections).toBe(0);
  await expect.poll(async () => (await router.stats()).backends[0]?.inFlight).toBe(0);
});

it('keeps a quiet WebSocket and counts it as in flight', async () => {
  const socket = await world.connect();
  socket.write(handshake);
  await readUntil(socket, 'hello');
  await delay(1_500);
  expect((await router.stats()).backends[0]?.inFlight).toBe(1);
  socket.write('still there');
  await readUntil(socket, 'still there');
  socket.destroy();
  await expect.poll(async () => (await router.stats()).backends[0]?.inFlight).toBe(0);
});

it('passes on a refused upgrade and answers its own errors properly', async () => {
  expect(await world.raw(handshake.replace('/chat', '/refuse'))).toMatch(
    /^HTTP\/1.1 403 [\s\S]*no$/,
  );
  const unknown = await world.raw(handshake.replace('app.localhost', 'nobody.localhost'));
  expect(unknown).toMatch(/^HTTP\/1.1 404 [\s\S]*Nothing is deployed/);
  const withBody = handshake.replace('Upgrade: ', 'Content-Length: 5\r\nUpgrade: ');
  expect(await world.raw(`${withBody}GET /`)).toMatch(/^HTTP\/1.1 400 /);
});

it('streams a large upload without holding it', async () => {
  const before = (await router.stats()).residentBytes;
  const chunk = randomBytes(1024 * 1024);
  const mib = 300;
  const hash = createHash('sha256');
  let peak = 0;
  const watch = setInterval(() => {
    router.stats().then(
      (stats) => {
        peak = Math.max(peak, stats.residentBytes);
      },
      () => undefined,
    );
  }, 50);
  const outgoing = httpRequest({
    port: world.port,
    host: '127.0.0.1',
    method: 'PUT',
    path: '/upload',
    headers: { host: 'app.localhost', 'content-length': mib * chunk.length },
    agent: false,
  });
  const answered = once(outgoing, 'response');
  for (let i = 0; i < mib; i += 1) {
    hash.update(chunk);
    if (!outgoing.write(chunk)) await once(outgoing, 'drain');
  }
  outgoing.end();
  const [response] = await answered;
  let text = '';
  for await (const part of response) text += String(part);
  clearInterval(watch);
  expect(JSON.parse(text)).toMatchObject({ bytes: mib * chunk.length, sha256: hash.digest('hex') });
  expect(peak - before).toBeLessThan(100 * 1024 * 1024);
});

it('sends on a chunked upload of unknown length', async () => {
  const body = randomBytes(2_000_000);
  const reply = await world.ask({
    method: 'POST',
    headers: { 'Transfer-Encoding': 'chunked' },
    body,
  });
  expect(JSON.parse(reply.body)).toMatchObject({
    bytes: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
  });
});

it('shows events as they happen, and tells the backend when their reader leaves', async () => {
  const socket = await world.connect();
  socket.write('GET /events HTTP/1.1\r\nHost: app.localhost\r\n\r\n');
  await readUntil(socket, 'data: 3');
  socket.destroy();
  await expect.poll(async () => (await router.stats()).backends[0]?.inFlight).toBe(0);
});

it('lets an answer take long as long as no gap is too long', async () => {
  const reply = await world.ask({ path: '/drip?chunks=6&ms=300' });
  expect(reply.status).toBe(200);
  expect(reply.body).toContain('chunk 0');
});

it('answers 504 where no answer comes, and cuts where the rest does not come', async () => {
  const reply = await world.ask({ path: '/hang' });
  expect(reply.status).toBe(504);
  await expect(world.ask({ path: '/stall' })).rejects.toThrow();
});

it('cuts the connection where a backend dies in the middle, so that half an answer does not pass for a whole one', async () => {
  const mortal = await world.backend('mortal');
  await router.setRoute('mortal.localhost', { ...route(1, mortal), environmentUuid: 'm' });
  await expect(world.ask({ host: 'mortal.localhost', path: '/die' })).rejects.toThrow();
  expect((await world.ask()).status).toBe(200);
});

it('answers 502 where a backend stops taking a large request', async () => {
  const reply = await world.ask({ method: 'POST', path: '/lazy', body: Buffer.alloc(30_000_000) });
  expect(reply.status).toBe(502);
  expect(reply.body).toContain('stopped taking');
});

it('shows an answer that comes before the end of the request', async () => {
  const socket = await world.connect();
  socket.on('error', () => undefined);
  socket.write(
    'POST /early HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 100000\r\n\r\nonly the beginning',
  );
  const reply = await readUntil(socket, 'no need to read on');
  expect(reply).toMatch(/^HTTP\/1.1 403 /);
  socket.destroy();
});

it('cuts off a client that stops sending, small bodies and large', async () => {
  for (const length of [100, 10_000_000]) {
    const reply = await world.raw(
      `POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: ${length}\r\n\r\nabc`,
    );
    expect(reply).toMatch(/^HTTP\/1.1 408 /);
  }
  await expect
    .poll(async () => (await router.stats()).backends.every((one) => one.inFlight === 0))
    .toBe(true);
});

it('holds a large answer back for a slow reader, and cuts off one that does not read', async () => {
  const before = (await router.stats()).residentBytes;
  const socket = await world.connect();
  socket.on('error', () => undefined);
  socket.write('GET /large?mib=300 HTTP/1.1\r\nHost: app.localhost\r\n\r\n');
  await once(socket, 'readable');
  await expect
    .poll(async () => (await router.stats()).backends[0]?.inFlight, { timeout: 120_000 })
    .toBe(0);
  expect((await router.stats()).residentBytes - before).toBeLessThan(100 * 1024 * 1024);
  socket.destroy();
});

it('serves pipelined requests in their order', async () => {
  const get = (path: string, more = ''): string =>
    `GET ${path} HTTP/1.1\r\nHost: app.localhost\r\n${more}\r\n`;
  const reply = await world.raw(
    get('/slow?ms=100') + get('/second') + get('/third', 'Connection: close\r\n'),
  );
  expect(reply.match(/HTTP\/1.1 200/g)).toHaveLength(3);
  expect(reply.indexOf('"url":"/second"')).toBeLessThan(reply.indexOf('"url":"/third"'));
});

it('serves HTTP/1.0 and HEAD', async () => {
  const old = await world.raw('GET /drip?chunks=2&ms=1 HTTP/1.0\r\nHost: app.localhost\r\n\r\n');
  expect(old).toMatch(/chunk 0\n$/);
  expect(old.toLowerCase()).not.toContain('transfer-encoding');
  const head = await world.ask({ method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(head.body).toBe('');
});
