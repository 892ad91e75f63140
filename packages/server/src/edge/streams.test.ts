import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { lacksCaddy } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readUntil, route } from '../router/fixtures/world.ts';
import { createEdgeKit, type EdgeKit } from './test/kit.ts';

const HOST = 'shop.example.com';
const MIB = 1024 * 1024;

/** The two ways to an application; both must carry the same. */
interface Way {
  connect(): Promise<Socket>;
  request(options: RequestOptions): ReturnType<typeof httpRequest>;
}

describe.skipIf(lacksCaddy())('long and large ones', () => {
  let kit: EdgeKit;
  beforeAll(async () => {
    kit = await createEdgeKit();
    const a = await kit.world.backend('a');
    await kit.router.setRoutes([{ ...route(1, a), host: HOST }]);
  });
  afterAll(() => kit?.close());

  const ways: Record<string, () => Way> = {
    'through Caddy and the router': () => ({
      connect: () => kit.tls(HOST, 'http/1.1'),
      request: (options) =>
        httpsRequest({
          ...{ host: '127.0.0.1', port: kit.caddy.httpsPort, agent: false, ...options },
          ...{ servername: HOST, ca: kit.authority, headers: { host: HOST, ...options.headers } },
        }),
    }),
    'through the router alone': () => ({
      connect: async () => {
        const socket = connect(kit.world.port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      },
      request: (options) =>
        httpRequest({
          ...{ host: '127.0.0.1', port: kit.world.port, agent: false, ...options },
          headers: { host: HOST, ...options.headers },
        }),
    }),
  };

  describe.each(Object.keys(ways))('%s', (name) => {
    const way = (): Way => ways[name]?.() ?? expect.fail('no such way');

    it('a WebSocket goes both ways', async () => {
      const socket = await way().connect();
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      );
      expect(await readUntil(socket, 'hello')).toMatch(/^HTTP\/1.1 101 /);
      for (let turn = 0; turn < 3; turn += 1) {
        const text = `turn ${turn} ${'x'.repeat(10_000)} end`;
        socket.write(text);
        expect(await readUntil(socket, 'end')).toBe(text);
      }
      socket.destroy();
    });

    it('events come one by one, as they happen', async () => {
      const outgoing = way().request({ path: '/events' });
      outgoing.end();
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      expect(response.headers['content-type']).toBe('text/event-stream');
      let seen = '';
      let pieces = 0;
      for await (const part of response.setEncoding('utf8')) {
        seen += part;
        pieces += 1;
        if (seen.includes('data: 5\n')) break;
      }
      // Held back and sent together they would be one piece.
      expect(pieces).toBeGreaterThan(2);
      outgoing.destroy();
    });

    it('an upload of 300 MB arrives whole, and the router does not hold it', async () => {
      const before = (await kit.router.stats()).residentBytes;
      let most = 0;
      const outgoing = way().request({ method: 'POST', path: '/upload' });
      const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
      const hash = createHash('sha256');
      const chunk = Buffer.alloc(MIB);
      for (let index = 0; index < 300; index += 1) {
        chunk.writeUInt32BE(index);
        hash.update(chunk);
        if (!outgoing.write(Buffer.from(chunk))) await once(outgoing, 'drain');
        if (index % 50 === 0) most = Math.max(most, (await kit.router.stats()).residentBytes);
      }
      outgoing.end();
      const [response] = await answered;
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      expect(JSON.parse(text)).toMatchObject({ bytes: 300 * MIB, sha256: hash.digest('hex') });
      expect(most - before).toBeLessThan(150 * MIB);
    });

    it('a slow client holds up itself, and neither the memory nor others', async () => {
      const before = (await kit.router.stats()).residentBytes;
      const outgoing = way().request({ path: '/large?mib=200' });
      outgoing.end();
      const [slow] = (await once(outgoing, 'response')) as [IncomingMessage];
      slow.pause();
      for (let index = 0; index < 5; index += 1) {
        const other = way().request({ path: '/' });
        other.end();
        const [reply] = (await once(other, 'response')) as [IncomingMessage];
        expect(reply.statusCode).toBe(200);
        reply.resume();
        await delay(50);
      }
      expect((await kit.router.stats()).residentBytes - before).toBeLessThan(150 * MIB);
      let bytes = 0;
      for await (const part of slow) bytes += (part as Buffer).length;
      expect(bytes).toBe(200 * MIB);
    });
  });
});
