import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { createLogs, type ReadableLog } from './index.ts';
import { createIndexCache } from './index-cache.ts';
import { readLines } from './read-lines.ts';
import { arbitraryCuts, arbitraryLog, cut, naiveLines } from './test/arbitrary-log.ts';

let dataDir: string;
let store: Store;
let streams = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-logs-'));
  store = await openStore({ dataDir });
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const newLog = (kind: ReadableLog['kind'] = 'job'): ReadableLog => {
  streams += 1;
  return { streamId: `log-${streams}`, kind, channel: 'none', isOver: async () => false };
};

/** Reads through a log from its first line on, `count` lines at a time. */
async function readAll(
  log: ReadableLog,
  cache: ReturnType<typeof createIndexCache>,
  count: number,
) {
  const texts: string[] = [];
  for (;;) {
    const { lines, total } = await readLines(store.logs, cache, log, texts.length + 1, count);
    for (const line of lines) {
      expect(line.number).toBe(texts.length + 1);
      texts.push(line.text);
    }
    if (lines.length === 0) {
      expect(total).toBe(texts.length);
      return texts;
    }
  }
}

test('lines are those of a plain split, however the log grew and however it is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryLog,
      arbitraryCuts,
      fc.integer({ min: 8, max: 300 }),
      fc.integer({ min: 1, max: 30 }),
      async (bytes, cuts, chunkBytes, count) => {
        const log = newLog();
        // Small chunks: marks, lines and characters fall across their borders, and lines are longer than they are.
        const cache = createIndexCache(store, 1e6, chunkBytes);
        for (const piece of cut(bytes, cuts)) {
          await store.logs.append(log.streamId, piece);
          await cache.of(log.streamId, log.kind, () => null);
        }
        const expected = naiveLines(bytes).map((line) => line.toString('utf8'));
        expect(await readAll(log, cache, count)).toEqual(expected);
        // From any line on, also for an index made from the whole log at once.
        const from = Math.max(1, Math.ceil(expected.length / 2));
        const fresh = createIndexCache(store);
        const { lines } = await readLines(store.logs, fresh, log, from, count);
        const texts = lines.map((line) => line.text);
        expect(texts).toEqual(expected.slice(from - 1, from - 1 + count));
      },
    ),
    { numRuns: 150 },
  );
});

test.each(['job', 'deployment'] as const)(
  'the folds of a %s are the same whether its log was indexed as it grew or at once',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(arbitraryLog, arbitraryCuts, async (bytes, cuts) => {
        const log = newLog(kind);
        const cache = createIndexCache(store);
        const layout = (of: typeof cache) =>
          of.of(log.streamId, kind, ({ index, rest }) => structuredClone(index.layout(rest)));
        for (const piece of cut(bytes, cuts)) {
          await store.logs.append(log.streamId, piece);
          await layout(cache);
        }
        const grown = await layout(cache);
        const atOnce = await layout(createIndexCache(store));
        expect(grown.folds).toEqual(atOnce.folds);
        expect(grown.timings).toEqual(atOnce.timings);
        const total = naiveLines(bytes).length;
        for (const { start, end } of grown.folds) {
          expect(start).toBeGreaterThanOrEqual(1);
          expect(start).toBeLessThanOrEqual(total);
          if (end !== null) expect(end >= start && end <= total).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  },
);

test('a search finds the lines that a look at every line finds', async () => {
  const logs = createLogs(store, () => Buffer.alloc(0));
  const never = new AbortController().signal;
  await fc.assert(
    fc.asyncProperty(
      arbitraryLog,
      fc.constantFrom('needle', 'e', '€', '%', 'NPM CI'),
      async (bytes, query) => {
        const log = newLog();
        await store.logs.append(log.streamId, bytes);
        const lines = bytes.toString('utf8').split('\n');
        const expected = lines.flatMap((line, index) =>
          visible(line).toLowerCase().includes(query.toLowerCase()) ? [index + 1] : [],
        );
        const found = await logs.search(log, query, 10_000, never);
        expect(found).toEqual({ lines: expected, complete: true });
        const some = await logs.search(log, query, 1, never);
        expect(some).toEqual({ lines: expected.slice(0, 1), complete: expected.length <= 1 });
      },
    ),
    { numRuns: 150 },
  );
});

/** Written apart from the code it checks: colours of SGR and marks only, which is all that the arbitrary logs have. */
const visible = (line: string): string =>
  line
    .replaceAll('\u001b[0K', '')
    .replaceAll('\u001b[31;1m', '')
    .replaceAll('\u001b[0m', '')
    .replaceAll(/travis_(fold|time):(start|end):[^\r]*(\r|$)/g, '');
