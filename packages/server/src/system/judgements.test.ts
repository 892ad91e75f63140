import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { judgeDisk } from './files.ts';
import { createIntegrity } from './integrity.ts';
import { worst } from './types.ts';
import { judgeBacklogs, judgeExecutors, judgeMaintenance, judgeQueue } from './work.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const embedded = { name: 'embedded', slots: 2, isolates: true, notices: [] };

test('the disk warns before it is full, and a large one is not judged by its share alone', () => {
  expect(judgeDisk({ freeBytes: 50e9, totalBytes: 100e9 }).status).toBe('ok');
  expect(judgeDisk({ freeBytes: 4e9, totalBytes: 100e9 })).toMatchObject({
    status: 'degraded',
    detail: '3.7 GB of 93.1 GB are free.',
  });
  expect(judgeDisk({ freeBytes: 100e9, totalBytes: 4_000e9 }).status).toBe('ok');
  expect(judgeDisk({ freeBytes: 0.2e9, totalBytes: 1e9 }).status).toBe('failing');
});

test('jobs that wait for their turn are fine; those that wait beside free slots are not', () => {
  const waiting = (minutes: number) => ({ queued: 3, running: 2, oldestQueuedAt: ago(minutes) });
  const busy = new Map([['embedded', 2]]);
  expect(judgeQueue(waiting(30), [embedded], busy, NOW).status).toBe('ok');
  expect(judgeQueue(waiting(30), [embedded], new Map(), NOW).status).toBe('degraded');
  expect(judgeQueue(waiting(90), [embedded], busy, NOW).status).toBe('degraded');
  const none = { queued: 1, running: 0, oldestQueuedAt: ago(5) };
  expect(judgeQueue(none, [], new Map(), NOW)).toMatchObject({
    status: 'failing',
    advice: expect.stringContaining('--runner-concurrency'),
  });
  const idle = { queued: 0, running: 0, oldestQueuedAt: null };
  expect(judgeQueue(idle, [], new Map(), NOW).status).toBe('ok');
});

test('a runner without a sandbox is said to have none, and why', () => {
  expect(judgeExecutors([embedded]).status).toBe('ok');
  const open = { ...embedded, isolates: false, notices: ['bwrap was not found.'] };
  expect(judgeExecutors([open])).toMatchObject({
    status: 'degraded',
    detail: expect.stringContaining('bwrap was not found.'),
    advice: expect.stringContaining('bubblewrap'),
  });
  expect(judgeExecutors([]).status).toBe('unknown');
});

test('runners on other machines count, and what they lack is not the fault of this one', () => {
  const remote = { name: 'big', slots: 4, isolates: false, notices: [], remote: 'none' };
  expect(judgeExecutors([remote])).toMatchObject({
    ...{ status: 'ok', detail: '4 slots of 1 runner elsewhere; none is embedded in this server.' },
  });
  expect(judgeExecutors([embedded, remote]).detail).toContain('6 slots of 1 runner elsewhere');
  const waiting = { queued: 1, running: 0, oldestQueuedAt: ago(5) };
  expect(judgeQueue(waiting, [remote], new Map(), NOW).status).toBe('ok');
});

test('what is not heard for a while is told with its error', () => {
  const backlog = (minutes: number) => ({
    ...{ consumer: 'deploy', waiting: 4, oldestAt: ago(minutes), attempts: 9, lastError: 'oh' },
  });
  expect(judgeBacklogs([backlog(0)], NOW).status).toBe('ok');
  expect(judgeBacklogs([backlog(5)], NOW).status).toBe('degraded');
  expect(judgeBacklogs([backlog(30)], NOW)).toMatchObject({
    status: 'failing',
    detail: '4 messages for deploy since 30 min. Its last error: oh',
  });
});

test('failed maintenance is told, and the whole is as bad as its worst part', () => {
  const failed = judgeMaintenance({
    waiting: 0,
    failures: [{ repositoryUuid: 'r', message: 'disk full' }],
  });
  expect(failed).toMatchObject({
    status: 'degraded',
    detail: expect.stringContaining('disk full'),
  });
  const fine = judgeMaintenance({ waiting: 1, failures: [] });
  expect(fine).toMatchObject({ status: 'ok', detail: '1 repository waits.' });
  expect(worst([fine, failed])).toBe('degraded');
  expect(worst([fine, judgeExecutors([])])).toBe('ok');
});

test('a damaged database is found, a sound one too', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-integrity-'));
  const path = join(directory, 'sluice.db');
  try {
    const database = new DatabaseSync(path);
    database.exec('create table t (a text); create index i on t (a); begin');
    const insert = database.prepare('insert into t values (?)');
    for (let index = 0; index < 3_000; index += 1) insert.run(`value ${index} ${'x'.repeat(50)}`);
    database.exec('commit');
    const sound = await createIntegrity(path, () => NOW)(30_000);
    expect(sound).toEqual({ problems: [], checkedAt: NOW });
    database.close();
    const bytes = await readFile(path);
    bytes.fill(0xee, 40_960, 57_344);
    await writeFile(path, bytes);
    const damaged = await createIntegrity(path, () => NOW)(30_000);
    expect(damaged?.problems.length).toBeGreaterThan(0);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
