import type { LogChunk } from '@sluice/contract';
import type { FastifyReply } from 'fastify';
import type { Store } from '../store/index.ts';

const CHUNK_BYTES = 256 * 1024;
const MAX_WAIT_SECONDS = 60;
const END_WAIT_MS = 2_000;

/**
 * A long poll on a stream: answers what there is after `offset`, or waits until there is something, the stream
 * ends, the time is over or the reader goes away.
 */
export async function pollLog(
  store: Pick<Store, 'logs' | 'events'>,
  streamId: string,
  query: { readonly offset?: number; readonly wait?: number },
  reply: FastifyReply,
): Promise<LogChunk> {
  const offset = query.offset ?? 0;
  const until = Date.now() + Math.min(query.wait ?? 0, MAX_WAIT_SECONDS) * 1000;
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  for (;;) {
    // Listening starts before reading: what is written in between wakes the next turn.
    const turn = new AbortController();
    const remainingMs = Math.max(0, until - Date.now());
    const signal = AbortSignal.any([gone.signal, turn.signal]);
    const woken = store.events.wait(`log:${streamId}`, remainingMs, signal);
    const { bytes, size, ended } = await store.logs.read(streamId, offset, CHUNK_BYTES);
    const whole = wholeCharacters(bytes, offset + bytes.length >= size && ended);
    const done = ended && offset + whole.length >= size;
    if (whole.length > 0 || done || remainingMs === 0 || gone.signal.aborted) {
      turn.abort();
      return { text: whole.toString('utf8'), next_offset: offset + whole.length, ended: done };
    }
    await woken;
  }
}

/** Without a character that is cut off at the end; at the end of an ended stream nothing is held back. */
function wholeCharacters(bytes: Buffer, isLast: boolean): Buffer {
  if (isLast) return bytes;
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
  }
  return bytes;
}

/** The row of a deployment ends a moment before its log gets its last line, which states the cause: waits for it. */
export async function logEnd(
  { logs, events }: Pick<Store, 'logs' | 'events'>,
  streamId: string,
): Promise<void> {
  const until = Date.now() + END_WAIT_MS;
  while (Date.now() < until) {
    const turn = new AbortController();
    const woken = events.wait(`log:${streamId}`, until - Date.now(), turn.signal);
    if (await logs.isEnded(streamId)) {
      turn.abort();
      return;
    }
    await woken;
  }
}

/** All of a stream as one text, from its last `limitBytes` when it is longer. */
export async function wholeLog(
  store: Pick<Store, 'logs'>,
  streamId: string,
  limitBytes = 20_000_000,
): Promise<string> {
  const size = await store.logs.size(streamId);
  const offset = Math.max(0, size - limitBytes);
  const { bytes } = await store.logs.read(streamId, offset, limitBytes);
  return bytes.toString('utf8');
}
