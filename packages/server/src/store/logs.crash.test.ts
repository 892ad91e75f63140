import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from './test/open-store.ts';

const WRITER = join(import.meta.dirname, 'test/log-writer.ts');
const STREAM = 'killed';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-log-crash-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Lets a process append until it has said so often that it did, and kills it. Answers the last size it was told. */
async function writeAndKill(appends: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, dataDir, STREAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line);
    count += 1;
    if (count === appends) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return told;
}

test('a log whose writer is killed again and again keeps all that was acknowledged, and times that fit it', async () => {
  const began = Date.now();
  const file = join(dataDir, 'logs', `${STREAM}.log`);
  const torn = [0, 5, 15, 8];
  for (const [round, appends] of [40, 3, 400, 120].entries()) {
    const told = await writeAndKill(appends);
    expect((await stat(file)).size).toBeGreaterThanOrEqual(told);
    // What a crash in the middle of a record would leave.
    await appendFile(`${file}.times`, Buffer.alloc(torn[round] ?? 0, 0xff));
  }
  const store = await openStore({ dataDir });
  await store.logs.append(STREAM, 'after the crashes\n');
  const ended = Date.now();

  const log = await readFile(file, 'utf8');
  let at = 0;
  for (const line of log.split('\n').slice(0, -2)) {
    // A line that was cut short by a kill is followed by one that says so by its number.
    expect(line.endsWith(`line after ${at + line.lastIndexOf('line after')} bytes`)).toBe(true);
    at += line.length + 1;
  }

  const arrivals = await store.logs.arrivals(STREAM);
  expect(arrivals.length).toBeGreaterThanOrEqual(5);
  expect(arrivals[0]?.offset).toBe(0);
  for (const [index, { offset, time }] of arrivals.entries()) {
    expect(offset).toBeLessThan(log.length);
    expect(time >= began && time <= ended).toBe(true);
    if (index > 0) {
      expect(offset).toBeGreaterThan(arrivals[index - 1]?.offset ?? Number.NaN);
      expect(time).toBeGreaterThanOrEqual(arrivals[index - 1]?.time ?? Number.NaN);
    }
  }
  // The last append is the last record: it was not read askew after the torn ones.
  expect(arrivals.at(-1)?.offset).toBe(log.length - 'after the crashes\n'.length);

  await store.logs.remove(STREAM);
  expect(await store.logs.arrivals(STREAM)).toEqual([]);
  await store.close();
});

test('records are made for moments, not for appends', async () => {
  const store = await openStore({ dataDir });
  const began = Date.now();
  for (let round = 0; round < 200; round += 1) await store.logs.append(STREAM, 'x\n');
  const most = Math.ceil((Date.now() - began) / 250) + 1;
  expect((await store.logs.arrivals(STREAM)).length).toBeLessThanOrEqual(most);
  await store.close();
});
