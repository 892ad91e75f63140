import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyReply } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { pollLog } from './logs.ts';

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-logs-'));
  store = await openStore({ dataDir });
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** All that `pollLog` looks at of a reply: whether its connection closes. */
const connection = () => {
  const raw = new EventEmitter();
  return { raw, reply: { raw } as unknown as FastifyReply };
};

test('an unknown stream is empty and not ended', async () => {
  expect(await pollLog(store, 'none', {}, connection().reply)).toEqual({
    ...{ text: '', next_offset: 0, ended: false },
  });
});

test('a reader that follows gets every character, however the bytes were cut', async () => {
  const text = 'a é € 😀 z\n'.repeat(50);
  const bytes = Buffer.from(text);
  const reading = (async () => {
    let got = '';
    let offset = 0;
    for (;;) {
      const part = await pollLog(store, 'cut', { offset, wait: 10 }, connection().reply);
      got += part.text;
      offset = part.next_offset;
      if (part.ended) return got;
    }
  })();
  for (let at = 0; at < bytes.length; at += 7) {
    await store.logs.append('cut', bytes.subarray(at, at + 7));
  }
  await store.logs.end('cut');
  expect(await reading).toBe(text);
});

test('an end that comes while a reader waits is told at once', async () => {
  const started = Date.now();
  const waiting = pollLog(store, 'silent', { wait: 30 }, connection().reply);
  await store.logs.end('silent');
  expect(await waiting).toEqual({ text: '', next_offset: 0, ended: true });
  expect(Date.now() - started).toBeLessThan(5_000);
});

test('a reader that goes away is let go', async () => {
  const { raw, reply } = connection();
  const waiting = pollLog(store, 'abandoned', { wait: 30 }, reply);
  raw.emit('close');
  expect(await waiting).toMatchObject({ text: '', ended: false });
});

test('bytes that are no text do not stall the reader', async () => {
  await store.logs.append('binary', Buffer.from([0x61, 0xff, 0xfe, 0x80, 0x80, 0x80, 0x80, 0xc3]));
  const part = await pollLog(store, 'binary', {}, connection().reply);
  expect(part.next_offset).toBe(7);
  await store.logs.end('binary');
  const rest = await pollLog(store, 'binary', { offset: 7 }, connection().reply);
  expect(rest).toMatchObject({ next_offset: 8, ended: true });
});
