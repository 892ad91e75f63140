import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cloneRepository, createRepository, type TestRepository } from '@sluice/testing/git';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import { ABSENT, type NewCommit, type Repository } from './index.ts';

const COMMITTER = new URL('../../test/git-committer-main.ts', import.meta.url).pathname;

let dataDir: string;
let server: GitServer;
let repository: Repository;
let url: string;
let count = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-commit-'));
  server = await startGitServer(dataDir);
});

afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
  expect(server.errors).toEqual([]);
});

beforeEach(async () => {
  count += 1;
  ({ repository, url } = await server.host(`default/app-${count}`));
});

const AUTHOR = { name: 'Ada Lovelace', email: 'ada@example.com' };

const commit = (files: Record<string, string>, change: Partial<NewCommit> = {}) =>
  server.git.commitFiles(repository.uuid, {
    ...{ branch: 'main', message: 'Add files', author: AUTHOR, pusherUuid: 'ada' },
    files: new Map(Object.entries(files)),
    ...change,
  });

const pushRows = () =>
  server.store.db
    .selectFrom('pushes')
    .select(['ref', 'before_sha', 'after_sha', 'pusher_uuid', 'forced'])
    .where('repository_uuid', '=', repository.uuid)
    .orderBy('id')
    .execute();

async function clone<T>(look: (work: TestRepository) => Promise<T>): Promise<T> {
  const work = await cloneRepository(url);
  try {
    return await look(work);
  } finally {
    await work.remove();
  }
}

test('the first commit makes the branch, as a push would: recorded, told, the default branch from now on', async () => {
  const sha = await commit({ 'a.txt': 'one\n', 'deep/er/b.txt': 'two' }, { expected: null });
  expect(await pushRows()).toEqual([
    { ref: 'refs/heads/main', before_sha: ABSENT, after_sha: sha, pusher_uuid: 'ada', forced: 0 },
  ]);
  expect((await server.git.get(repository.uuid))?.defaultBranch).toBe('main');
  expect(await server.store.messages.waiting('ci')).toBeGreaterThan(0);
  expect(await server.git.commit(repository.uuid, sha)).toMatchObject({
    ...{ parents: [], message: 'Add files', author: AUTHOR, committer: AUTHOR },
  });
  await clone(async (work) => {
    expect(await work.sha()).toBe(sha);
    expect(await work.git('ls-files')).toBe('a.txt\ndeep/er/b.txt');
    expect(await work.git('show', 'HEAD:deep/er/b.txt')).toBe('two');
  });
});

test('a later commit keeps what it does not name, and what can be executed', async () => {
  const work = await createRepository();
  await work.commit('mine', { 'run.sh': '#!/bin/sh\n', 'a/one': '1', 'a/two': '2', 'c/x': 'x' });
  await work.git('update-index', '--chmod=+x', 'run.sh');
  await work.git('commit', '-q', '-m', 'executable');
  const head = await work.sha();
  await work.push(url);
  await work.remove();
  const sha = await commit(
    { 'run.sh': '#!/bin/sh\ntrue\n', 'a/two': 'zwei', b: 'new', c: 'was a folder' },
    { expected: head },
  );
  expect((await server.git.commit(repository.uuid, sha))?.parents).toEqual([head]);
  await clone(async (there) => {
    expect(await there.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'HEAD')).toBe(
      '100644 a/one\n100644 a/two\n100644 b\n100644 c\n100755 run.sh',
    );
    expect(await there.git('show', 'HEAD:a/two')).toBe('zwei');
    expect(await there.git('fsck', '--strict')).not.toContain('error');
  });
});

test('of two commits for one head, one is made; the other changes nothing', async () => {
  const head = await commit({ a: '1' });
  const both = await Promise.allSettled([
    commit({ a: '2' }, { expected: head }),
    commit({ a: '3' }, { expected: head }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = both.find((one) => one.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'conflict', reason: 'branch_moved' });
  expect(await pushRows()).toHaveLength(2);
  await expect(commit({ a: '4' }, { expected: null })).rejects.toMatchObject({ code: 'conflict' });
  await expect(commit({ a: '4' }, { branch: 'other', expected: head })).rejects.toMatchObject({
    code: 'conflict',
  });
});

test.each([
  '.git/config',
  'a/.GIT/hooks/x',
  '.git. /x',
  'git~1/x',
  '../up',
  '/root',
  'a//b',
  'a/./b',
  'a\\b',
  '.g\u200cit/config',
  '',
])('refuses the path %j', async (path) => {
  await expect(commit({ [path]: 'x' })).rejects.toMatchObject({ code: 'invalid' });
  expect(await pushRows()).toEqual([]);
});

test.each(['-x', 'HEAD', 'a..b', 'a b', 'x.lock', ''])('refuses the branch %j', async (branch) => {
  await expect(commit({ a: 'x' }, { branch })).rejects.toMatchObject({
    ...{ code: 'invalid', reason: 'push_refused' },
  });
  expect(await server.git.history(repository.uuid).branches()).toEqual([]);
});

test('refuses a commit without a change, a branch below a branch, and a mirror', async () => {
  const head = await commit({ a: 'x' });
  await expect(commit({ a: 'x' })).rejects.toMatchObject({ reason: 'nothing_to_commit' });
  await expect(commit({ a: 'y' }, { branch: 'main/below' })).rejects.toMatchObject({
    code: 'invalid',
  });
  expect(await server.git.history(repository.uuid).head('main')).toBe(head);
  const mirror = await server.store.transaction((trx) =>
    server.git.createMirror(trx, {
      ...{ organisationUuid: 'organisation', slug: `default/mirror-${count}` },
      url: 'https://example.com/x.git',
    }),
  );
  await server.git.ensureOnDisk(mirror.uuid);
  repository = mirror;
  await expect(commit({ a: 'x' })).rejects.toMatchObject({ code: 'forbidden', reason: 'mirror' });
});

test('lists and reads regular text files only', async () => {
  const sha = await commit({ 'a.txt': 'ä\n', 'b/c d.txt': '', 'big.txt': 'x'.repeat(1_100_000) });
  expect(await server.git.listFiles(repository.uuid, sha)).toEqual([
    { path: 'a.txt', sizeBytes: 3 },
    { path: 'b/c d.txt', sizeBytes: 0 },
    { path: 'big.txt', sizeBytes: 1_100_000 },
  ]);
  const texts = await server.git.readFiles(repository.uuid, sha, [
    ...['a.txt', 'b/c d.txt', 'big.txt', 'b', 'none'],
  ]);
  expect([...texts]).toEqual([
    ['a.txt', 'ä\n'],
    ['b/c d.txt', ''],
  ]);
  expect(await server.git.listFiles(repository.uuid, 'f'.repeat(40))).toEqual([]);
});

test('killed in the midst of commits: a whole repository, every accepted commit recorded, and work goes on', async () => {
  const own = await mkdtemp(join(tmpdir(), 'sluice-commit-kill-'));
  let uuid = '';
  for (let round = 0; round < 3; round += 1) {
    const child: ChildProcess = spawn(process.execPath, [COMMITTER, own, 'default/app'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout === null) throw new Error('no output');
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      uuid = line;
      lines += 1;
      // Its commits go on while this one is being read.
      if (lines === 3 + round) break;
    }
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      setTimeout(() => child.kill('SIGKILL'), round * 13);
    });
  }
  const after = await startGitServer(own);
  try {
    const head = await after.git.history(uuid).head('main');
    const rows = await after.store.db
      .selectFrom('pushes')
      .select(['before_sha', 'after_sha'])
      .orderBy('id')
      .execute();
    expect(rows.length).toBeGreaterThanOrEqual(9);
    expect(rows.at(-1)?.after_sha).toBe(head);
    for (const [index, row] of rows.entries()) {
      expect(row.before_sha).toBe(index === 0 ? ABSENT : rows[index - 1]?.after_sha);
    }
    const next = await after.git.commitFiles(uuid, {
      ...{ branch: 'main', message: 'Go on', author: AUTHOR, pusherUuid: 'ada', expected: head },
      files: new Map([['next', 'x']]),
    });
    expect(await after.git.history(uuid).head('main')).toBe(next);
    const checker = await createRepository();
    const checked = await checker.tryGit('--git-dir', after.git.path(uuid), 'fsck', '--strict');
    await checker.remove();
    expect(checked.status).toBe(0);
  } finally {
    await after.stop();
    await rm(own, { recursive: true, force: true });
  }
}, 60_000);
