import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { createFollower, type Followed, type StreamPart, type Watcher } from './follow.ts';

let dataDir: string;
let store: Store;
let streams = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-follow-'));
  store = await openStore({ dataDir });
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const newStream = (isOver: () => Promise<boolean> = async () => false): Followed => {
  streams += 1;
  return { streamId: `stream-${streams}`, channel: `job:${streams}`, isOver };
};

interface Recorder extends Watcher {
  readonly parts: StreamPart[];
  readonly ended: Promise<void>;
  /** The longest time in parts that were written although it had said that there is no room. */
  overfilled: number;
}

/** Takes frames that are the parts as JSON. One with `room` has room for so many, and gets new room a moment later. */
function createRecorder(room = Number.POSITIVE_INFINITY): Recorder {
  const parts: StreamPart[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let left = room;
  let waiting: PromiseWithResolvers<void> | null = null;
  const recorder: Recorder = {
    ...{ parts, ended, overfilled: 0 },
    write: (frame) => {
      parts.push(JSON.parse(frame.toString()));
      left -= 1;
      if (left > 0) return true;
      if (waiting !== null) recorder.overfilled += 1;
      waiting ??= Promise.withResolvers();
      setTimeout(() => {
        left = room;
        waiting?.resolve();
        waiting = null;
      }, 3);
      return false;
    },
    drained: () => waiting?.promise ?? Promise.resolve(),
    end: resolve,
  };
  return recorder;
}

const encode = (part: StreamPart) => Buffer.from(JSON.stringify(part));
const textOf = (parts: readonly StreamPart[]) => parts.map((part) => part.text).join('');

test('every watcher gets all from where it began, once and in order, wherever, whenever and however slowly', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('€', '😀\n', '\n', 'x'.repeat(70_000)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 25 }),
      fc.array(
        fc.record({
          from: fc.double({ min: 0, max: 1, noNaN: true }),
          room: fc.constantFrom(1, 2, 99),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (words, cuts, watchers) => {
        const all = Buffer.from(words.join(''));
        const log = newStream();
        const follower = createFollower(store, encode);
        const before = Math.floor(all.length / 3);
        await store.logs.append(log.streamId, all.subarray(0, before));
        const watching = watchers.map(async ({ from, room }) => {
          // Any byte, also in the middle of a character.
          const offset = Math.floor(before * from);
          const recorder = createRecorder(room);
          await follower.follow(log, offset, recorder);
          await recorder.ended;
          expect(textOf(recorder.parts)).toBe(all.subarray(offset).toString('utf8'));
          expect(recorder.overfilled).toBe(0);
          let at = offset;
          for (const part of recorder.parts) {
            expect(part.offset).toBe(at);
            at = part.nextOffset;
          }
          expect(at).toBe(all.length);
        });
        let at = before;
        for (const size of cuts) {
          await store.logs.append(log.streamId, all.subarray(at, at + size));
          at = Math.min(at + size, all.length);
        }
        await store.logs.append(log.streamId, all.subarray(at));
        await store.logs.end(log.streamId);
        await Promise.all(watching);
        expect(follower.watched).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test('coming back with the id of any part continues as if one had never left', async () => {
  const log = newStream();
  const follower = createFollower(store, encode);
  const all = 'ä line of € text 😀\n'.repeat(20_000);
  await store.logs.append(log.streamId, all);
  await store.logs.end(log.streamId);
  const first = createRecorder(3);
  await follower.follow(log, 0, first);
  await first.ended;
  expect(first.parts.length).toBeGreaterThan(5);
  for (const [index, part] of first.parts.entries()) {
    const again = createRecorder();
    await follower.follow(log, part.nextOffset, again);
    await again.ended;
    expect(textOf(first.parts.slice(0, index + 1)) + textOf(again.parts)).toBe(all);
  }
});

test('two hundred watchers of one stream cost one read and one encoding for each append', async () => {
  const log = newStream();
  let reads = 0;
  let encodings = 0;
  const counting: Pick<Store, 'logs' | 'events'> = {
    events: store.events,
    logs: {
      ...store.logs,
      read: (...words) => {
        reads += 1;
        return store.logs.read(...words);
      },
    },
  };
  const follower = createFollower(counting, (part) => {
    encodings += 1;
    return encode(part);
  });
  const recorders = Array.from({ length: 200 }, () => createRecorder());
  const leave = await Promise.all(recorders.map((one) => follower.follow(log, 0, one)));
  reads = 0;
  const appends = 10;
  for (let round = 0; round < appends; round += 1) {
    await store.logs.append(log.streamId, `line ${round}\n`);
    // Each after the pause in which appends are put together.
    await new Promise((done) => setTimeout(done, 80));
  }
  const haveAll = () => recorders.every(({ parts }) => textOf(parts).endsWith('line 9\n'));
  await expect.poll(haveAll, { timeout: 120_000 }).toBe(true);
  for (const { parts } of recorders) expect(textOf(parts).split('\n').length).toBe(appends + 1);
  expect(encodings).toBeLessThanOrEqual(appends);
  // One that finds the text and one that finds the end, for all two hundred.
  expect(reads).toBeLessThanOrEqual(2 * appends + 2);
  for (const go of leave) go();
  expect(follower.watched).toBe(0);
});

test('a watcher is told the end of a log that nobody will ever begin', async () => {
  let over = false;
  const log = newStream(async () => over);
  const follower = createFollower(store, encode);
  const recorder = createRecorder();
  await follower.follow(log, 0, recorder);
  over = true;
  store.events.emit(log.channel);
  await recorder.ended;
  expect(recorder.parts).toEqual([]);
});

test('who leaves is sent nothing more, and the others are', async () => {
  const log = newStream();
  const follower = createFollower(store, encode);
  const [leaving, staying] = [createRecorder(), createRecorder()];
  const leave = await follower.follow(log, 0, leaving);
  await follower.follow(log, 0, staying);
  leave();
  await store.logs.append(log.streamId, 'after');
  await store.logs.end(log.streamId);
  await staying.ended;
  expect(textOf(staying.parts)).toBe('after');
  expect(leaving.parts).toEqual([]);
});
