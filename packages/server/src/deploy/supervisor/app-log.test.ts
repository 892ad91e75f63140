import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAppLogWriter, readApplicationLog } from './app-log.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-al-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const source = { service: 'web', instance: 'i1' };
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
const read = async (cursor: string | null, limit = 1_000) => {
  const page = await readApplicationLog(directory, 'e', cursor, limit);
  return { cursor: page.cursor, messages: page.entries.map((entry) => entry.message) };
};

test('an empty log has a cursor that finds what comes later', async () => {
  const { cursor, messages } = await read(null);
  expect(messages).toEqual([]);
  createAppLogWriter(directory).write('e', source, lines(0, 3));
  expect((await read(cursor)).messages).toEqual(lines(0, 3));
});

test('the newest page is oldest first, and its cursor goes on after it', async () => {
  const log = createAppLogWriter(directory);
  log.write('e', source, lines(0, 10));
  const page = await read(null, 4);
  expect(page.messages).toEqual(lines(6, 10));
  log.write('e', source, lines(10, 12));
  expect((await read(page.cursor)).messages).toEqual(lines(10, 12));
});

test('pages by cursor lose and repeat nothing over rotation, whatever their size', async () => {
  for (const limit of [1, 3, 7, 1_000]) {
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(join(tmpdir(), 'sluice-al-'));
    const log = createAppLogWriter(directory, { segmentBytes: 500, keptSegments: 1_000 });
    let { cursor } = await read(null);
    const seen: string[] = [];
    for (let i = 0; i < 30; i += 1) {
      log.write('e', source, lines(i * 5, i * 5 + 5));
      if (i % 3 !== 0) continue;
      const page = await read(cursor, limit);
      seen.push(...page.messages);
      cursor = page.cursor;
    }
    for (;;) {
      const page = await read(cursor, limit);
      if (page.messages.length === 0) break;
      seen.push(...page.messages);
      cursor = page.cursor;
    }
    expect(seen).toEqual(lines(0, 150));
  }
});

test('old segments are removed; a cursor into one goes on with the oldest that is left', async () => {
  const log = createAppLogWriter(directory, { segmentBytes: 500, keptSegments: 2 });
  const { cursor } = await read(null);
  for (let i = 0; i < 100; i += 1) log.write('e', source, lines(i, i + 1));
  expect(readdirSync(directory).length).toBeLessThanOrEqual(3);
  const { messages } = await read(cursor);
  expect(messages.at(-1)).toBe('line 99');
  expect(messages.length).toBeGreaterThan(4);
});

test('a line that is still being written, a damaged one and a foreign cursor do no harm', async () => {
  createAppLogWriter(directory).write('e', source, ['whole']);
  appendFileSync(join(directory, 'app-e.log'), 'no json\n{"t":"2026');
  for (const cursor of [null, '0-0', 'rubbish', '999-999', '../../etc/passwd']) {
    expect((await read(cursor)).messages).toEqual(['whole']);
  }
});

test('a log that cannot be written never throws, and says later how much was lost', async () => {
  const log = createAppLogWriter(join(directory, 'missing'));
  log.write('e', source, ['lost', 'lost']);
  mkdirSync(join(directory, 'missing'));
  log.write('e', source, ['kept']);
  const page = await readApplicationLog(join(directory, 'missing'), 'e', null, 10);
  expect(page.entries.map((entry) => entry.message)).toEqual([
    '2 lines could not be written and are lost',
    'kept',
  ]);
});
