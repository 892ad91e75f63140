import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { askHttp3, lacksCaddy } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendProcess, route } from '../router/fixtures/world.ts';
import { askHttp2, createEdgeKit, type EdgeKit, inStep } from './test/kit.ts';

const SHOP = 'shop.example.com';

describe.skipIf(lacksCaddy())('Caddy in front', () => {
  let kit: EdgeKit;
  let a: BackendProcess;
  const server = createServer((incoming, outgoing) => {
    outgoing.end(JSON.stringify({ server: true, url: incoming.url, headers: incoming.headers }));
  });

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    kit = await createEdgeKit(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    a = await kit.world.backend('a');
    await kit.router.setRoutes([
      { ...route(1, a), host: SHOP },
      { ...route(1, a), host: 'old.example.com', redirectTo: SHOP },
    ]);
  });
  afterAll(async () => {
    await kit?.close();
    server.close();
  });

  const plain = (host: string, path: string) =>
    new Promise<{ status: number; location: string | undefined }>((resolve, reject) => {
      const { httpPort: port } = kit.caddy;
      const options = { host: '127.0.0.1', port, path, headers: { host }, agent: false };
      request(options, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location });
      })
        .on('error', reject)
        .end();
    });

  it('has a certificate of its authority for each name, verified by the client', async () => {
    const reply = await kit.ask(SHOP, '/x?y=1', {
      headers: {
        'X-Forwarded-For': '203.0.113.9',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Port': '1',
        'X-Sluice-Edge': 'a guess',
      },
    });
    const { url, headers } = JSON.parse(reply.body);
    expect(url).toBe('/x?y=1');
    expect(headers).toMatchObject({
      host: `${SHOP}:${kit.caddy.httpsPort}`,
      'x-forwarded-for': '127.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': `${SHOP}:${kit.caddy.httpsPort}`,
      'x-forwarded-port': String(kit.caddy.httpsPort),
    });
    expect(headers).not.toHaveProperty('x-sluice-edge');
  });

  it('speaks HTTP/2, and offers HTTP/3', async () => {
    const reply = await askHttp2(kit, SHOP);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body).url).toBe('/over-h2');
    expect(reply.headers['alt-svc']).toContain('h3=');
  });

  it('speaks HTTP/3 with a client that verifies its certificate', async () => {
    const file = join(kit.world.dataDir, 'authority.pem');
    await writeFile(file, kit.authority);
    const reply = await askHttp3(SHOP, kit.caddy.httpsPort, '/over-h3', file);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({
      url: '/over-h3',
      headers: { 'x-forwarded-proto': 'https' },
    });
  }, 180_000);

  it('refuses unknown names, also over a connection that is named for a known one', async () => {
    await expect(kit.tls('nobody.example.com')).rejects.toThrow(/alert/);
    const spoofed = await kit.ask(SHOP, '/', { headers: { host: 'nobody.example.com' } });
    expect(spoofed.status).toBe(404);
    expect((await plain('nobody.example.com', '/')).status).toBe(404);
  });

  it('sends plain HTTP and redirecting names on in one step', async () => {
    const { httpsPort } = kit.caddy;
    const there = `https://${SHOP}:${httpsPort}/a?b`;
    expect(await plain(SHOP, '/a?b')).toEqual({ status: 308, location: there });
    expect(await plain('old.example.com', '/a?b')).toEqual({ status: 308, location: there });
    expect((await kit.ask('old.example.com', '/a?b')).headers.location).toBe(there);
    expect(await plain('control.sluice.example', '/a?b')).toEqual({
      status: 308,
      location: `https://control.sluice.example:${httpsPort}/a?b`,
    });
  });

  it('brings the names of the zone to the server', async () => {
    for (const host of ['control.sluice.example', 'api.sluice.example']) {
      const { headers, server: isServer } = JSON.parse((await kit.ask(host, '/apps')).body);
      expect(isServer).toBe(true);
      expect(headers['x-sluice-edge']).toBeDefined();
    }
  });

  it('serves a new name at once, without touching the connections of others', async () => {
    const { socket } = await openWebSocket(kit, SHOP);
    const before = await kit.caddy.ask('GET', '/config/apps');
    await kit.router.setRoutes([{ ...route(1, a), host: 'new.example.com' }]);
    expect((await kit.ask('new.example.com')).status).toBe(200);
    expect(await kit.caddy.ask('GET', '/config/apps')).toBe(before);
    socket.write('still here');
    const [echoed] = (await once(socket, 'data')) as [Buffer];
    expect(echoed.toString()).toContain('still here');
    socket.destroy();
  });

  it('gets its configuration again after SIGKILL, and does not wait for the server to know names', async () => {
    await kit.caddy.kill();
    await expect.poll(() => kit.edge.state().inStep, { timeout: 60_000 }).toBe(false);
    expect(kit.edge.state().problem).toContain('Caddy does not answer at unix/');
    await kit.caddy.start();
    await expect.poll(() => kit.edge.state().inStep, { timeout: 60_000 }).toBe(true);
    expect((await kit.ask(SHOP)).status).toBe(200);
  });

  it('is put right when someone gave it another configuration', async () => {
    await kit.caddy.ask('DELETE', '/config/apps/http/servers/sluice');
    await expect
      .poll(
        () =>
          kit.ask(SHOP).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 90_000 },
      )
      .toBe(200);
  });

  it('stays as it is when the server comes back with the same settings', async () => {
    const { socket } = await openWebSocket(kit, SHOP);
    kit.edge.stop();
    const next = kit.makeEdge();
    next.start(kit.targets);
    await inStep(next);
    socket.write('still here');
    const [echoed] = (await once(socket, 'data')) as [Buffer];
    expect(echoed.toString()).toContain('still here');
    socket.destroy();
  });

  it('says what Caddy does not like about a setting', async () => {
    const wrong = kit.makeEdge(['--edge-host', 'no host at all']);
    wrong.start(kit.targets);
    await expect
      .poll(() => wrong.state().problem, { timeout: 60_000 })
      .toContain('Caddy refuses its configuration');
    wrong.stop();
    expect((await kit.ask(SHOP)).status).toBe(200);
  });
});

async function openWebSocket(kit: EdgeKit, host: string) {
  const socket = await kit.tls(host, 'http/1.1');
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString()).toMatch(/^HTTP\/1.1 101 /);
  return { socket };
}
