import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Changes, Store } from '../../store/index.ts';
import { openStore } from '../../store/test/open-store.ts';
import { openStream } from './stream.ts';

/** Readers that do not read, over real sockets. */

let directory: string;
let store: Store;
let server: Server;
let socket: Socket;
let response: ServerResponse;
let stream: { close(): void };

const timing = { gatherMs: 5, heartbeatMs: 50, stalledMs: 1_500 };
const open = (changes: Changes, to: ServerResponse) =>
  openStream({
    ...{ changes, response: to, lastId: null, timing },
    place: async ({ kind, id, application }) => ({
      change: { kind, id, application },
      ...{ target: {}, user: null },
    }),
    hears: async () => true,
    recheck: async () => 'same',
    onError: (error) => {
      throw error;
    },
  });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-stream-'));
  store = await openStore({ dataDir: directory });
  const answered = Promise.withResolvers<ServerResponse>();
  server = createServer((_request, answer) => answered.resolve(answer));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  response = await answered.promise;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  stream = open(store.changes, response);
});
afterEach(async () => {
  stream.close();
  socket.destroy();
  server.closeAllConnections();
  server.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const emitMany = (prefix: string, count: number) => {
  for (let one = 0; one < count; one += 1) {
    const id = `${prefix}-${one}-${'x'.repeat(200)}`;
    store.changes.emit({ kind: 'deployment', id, application: null });
  }
};

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await pause(5);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Fills every buffer between the two, the kernel's included. */
async function fill(): Promise<void> {
  for (let round = 0, stuck = 0; stuck < 5; round += 1) {
    if (round > 2_000) throw new Error('the reader reads');
    if (!response.writableNeedDrain) emitMany(`fill-${round}`, 500);
    await pause(15);
    stuck = response.writableNeedDrain ? stuck + 1 : 0;
  }
}

test('what a slow reader missed too much of becomes one reset, and memory does not grow', async () => {
  await fill();
  const held = response.writableLength;
  emitMany('missed', 20_000);
  await pause(100);
  expect(response.writableLength).toBe(held);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.resume();
  await until('the reset', () => text.includes('event: reset'));
  expect(text).not.toContain('missed-0-');
  store.changes.emit({ kind: 'build', id: 'afterwards', application: null });
  await until('what comes afterwards', () => text.includes('"afterwards"'));
  // The place to come back to is never behind what the reset covers.
  const [, id = ''] = /id: (\S+)\nevent: reset/.exec(text) ?? [];
  expect(store.changes.since(id)?.some((one) => one.id.startsWith('missed-'))).toBe(false);
});

test('a reader that takes nothing for long is cut off', async () => {
  await fill();
  await until('the cut', () => response.destroyed);
});
