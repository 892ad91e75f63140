import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkHealth } from './health-check.ts';
import { defaultProbeTiming } from './runtime.ts';

const open: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(open.splice(0).map((one) => new Promise((resolve) => one.close(resolve))));
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  open.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

const raw = (answer: string, onRequest: (text: string) => void = () => undefined) =>
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      onRequest(data.toString());
      socket.write(answer);
      if (answer === '') socket.end();
    });
  });

const check = (port: number, timing: Partial<typeof defaultProbeTiming> = {}) =>
  checkHealth({
    hosts: ['127.0.0.1', '::1'],
    port,
    hostName: 'live-shop.example',
    timing: {
      ...defaultProbeTiming,
      connectWithinMs: 500,
      attempts: 10,
      responseWithinMs: 200,
      ...timing,
    },
    signal: new AbortController().signal,
  });

describe('every status has its verdict (spec/divio.md 3.2)', () => {
  const cases: [number, boolean][] = [
    [100, true],
    [101, true],
    [103, true],
    [200, true],
    [204, true],
    [301, true],
    [304, true],
    [400, true],
    [401, true],
    [404, true],
    [499, true],
    [500, true],
    [501, false],
    [502, false],
    [503, false],
    [504, false],
    [599, false],
  ];
  for (const [status, healthy] of cases) {
    test(`${status} is ${healthy ? 'healthy' : 'unhealthy'}`, async () => {
      const extra = status === 101 ? 'Upgrade: x\r\nConnection: Upgrade\r\n' : '';
      const port = await listening(raw(`HTTP/1.1 ${status} X\r\n${extra}\r\n`));
      const result = await check(port);
      expect(result).toMatchObject({ healthy, last: `status ${status}` });
      expect(result.attempts > 1).toBe(!healthy);
    });
  }
});

test('the request is GET / with the host name of the environment', async () => {
  let text = '';
  const port = await listening(
    raw('HTTP/1.1 200 OK\r\n\r\n', (request) => {
      text = request;
    }),
  );
  await check(port);
  expect(text).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
  expect(text).toMatch(/^host: live-shop\.example\r$/im);
});

test('an unhealthy answer is tried again until the time is over', async () => {
  let count = 0;
  const server = createHttpServer((_, response) => {
    count += 1;
    response.statusCode = count < 4 ? 503 : 200;
    response.end();
  });
  expect(await check(await listening(server))).toMatchObject({ healthy: true, attempts: 4 });
});

test('a connection that is taken but never answered is unhealthy', async () => {
  const port = await listening(createServer(() => undefined));
  expect(await check(port)).toMatchObject({
    healthy: false,
    last: 'connected, but no answer within 0.2 s',
  });
});

test('a connection that is closed without an answer is unhealthy', async () => {
  const port = await listening(createServer((socket) => socket.destroy()));
  const result = await check(port);
  expect(result.healthy).toBe(false);
  expect(result.last).toMatch(/closed without an answer|hang up/);
});

test('nobody listens: as many attempts as allowed, then the shorter limit ends it', async () => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => open.splice(open.indexOf(server), 1)[0]?.close(resolve));
  const result = await check(port);
  expect(result).toMatchObject({ healthy: false, last: 'connection refused' });
  expect(result.attempts).toBeLessThanOrEqual(10);
});

test('a program that listens on IPv6 alone is found there', async () => {
  const port = await listening(raw('HTTP/1.1 200 OK\r\n\r\n'), '::1');
  expect(await check(port)).toMatchObject({ healthy: true, host: '::1' });
});

test('an abort ends it at once', async () => {
  const abort = new AbortController();
  const checking = checkHealth({
    hosts: ['127.0.0.1'],
    port: 1,
    hostName: 'x',
    timing: defaultProbeTiming,
    signal: abort.signal,
  });
  abort.abort();
  await expect(checking).rejects.toThrow();
});
