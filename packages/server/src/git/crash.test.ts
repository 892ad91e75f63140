import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../test/git-server.ts';

const MAIN = new URL('../../test/git-server-main.ts', import.meta.url).pathname;
const SLUG = 'default/app';

let dataDir: string;
let work: TestRepository;
const children: ChildProcess[] = [];
const servers: GitServer[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  work = await createRepository();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  await work.remove();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

async function startProcess(): Promise<{ child: ChildProcess; url: string; uuid: string }> {
  const child = spawn(process.execPath, [MAIN, dataDir, SLUG], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, repositoryUuid } = JSON.parse(line);
    return { child, url, uuid: repositoryUuid };
  }
  throw new Error('the server ended before it was ready');
}

async function startHere(): Promise<GitServer> {
  const server = await startGitServer(dataDir);
  servers.push(server);
  return server;
}

const kill = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

/** Peak resident memory of a process in MiB. */
async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** What a clone would download, counted and thrown away: indexing it is the client's business. */
async function downloadedMegabytes(url: string, sha: string): Promise<number> {
  const { origin, pathname } = new URL(url);
  const response = await fetch(`${origin}${pathname}/git-upload-pack`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('reader:x').toString('base64')}`,
      'content-type': 'application/x-git-upload-pack-request',
    },
    body: `0032want ${sha}\n00000009done\n`,
  });
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  return bytes / 1024 / 1024;
}

const pushRows = (server: GitServer) =>
  server.store.db.selectFrom('pushes').select(['ref', 'before_sha', 'after_sha']).execute();

test('200 MB are pushed and cloned while the server holds only a few', async () => {
  const { child, url, uuid } = await startProcess();
  // Random bytes: compressing them would only cost the test time.
  await work.git('config', 'core.compression', '0');
  await work.git('config', 'core.bigFileThreshold', '1m');
  for (let index = 0; index < 20; index += 1) {
    await writeFile(join(work.path, `file-${index}.bin`), randomBytes(10 * 1024 * 1024));
  }
  const head = await work.commit('large');
  const before = await peakMegabytes(child.pid ?? 0);
  await work.push(url, 'main');
  expect(await downloadedMegabytes(url, head)).toBeGreaterThan(200);
  expect((await peakMegabytes(child.pid ?? 0)) - before).toBeLessThan(100);

  // The same server, killed while the next one is on its way: nothing of it is there, and it can be repeated.
  await writeFile(join(work.path, 'next.bin'), randomBytes(60 * 1024 * 1024));
  const next = await work.commit('next');
  const pushing = work.tryGit('push', url, 'main');
  const objects = join(dataDir, 'git', `${uuid}.git`, 'objects');
  await expect
    .poll(async () => (await readdir(objects)).join(), { timeout: 120_000, interval: 5 })
    .toMatch(/incoming/);
  await kill(child);
  expect((await pushing).status).not.toBe(0);

  const server = await startHere();
  const repository = await server.git.bySlug(SLUG);
  const history = server.git.history(uuid);
  expect(await history.head('main')).toBe(head);
  expect(await history.present(next)).toBe(false);
  if (repository === null) throw new Error('the repository is gone');
  await work.push(server.urlOf(repository), 'main');
  expect(await history.head('main')).toBe(next);
  expect((await pushRows(server)).map((row) => row.after_sha)).toEqual([head, next]);
  expect(await work.tryGit('--git-dir', server.git.path(uuid), 'fsck', '--strict')).toMatchObject({
    status: 0,
  });
});

test('a client that goes away in mid-push takes git with it and leaves nothing', async () => {
  const server = await startHere();
  const { repository, url } = await server.host(SLUG);
  await work.git('config', 'core.compression', '0');
  await work.commit('large', { 'a.bin': randomBytes(80 * 1024 * 1024) });
  const objects = join(server.git.path(repository.uuid), 'objects');
  const incoming = async () => (await readdir(objects)).filter((name) => /incoming/.test(name));
  const client = spawn('git', ['push', '-q', url, 'HEAD:refs/heads/main'], {
    cwd: work.path,
    detached: true,
    stdio: 'ignore',
  });
  await expect.poll(incoming, { timeout: 120_000, interval: 2 }).not.toEqual([]);
  process.kill(-(client.pid ?? 0), 'SIGKILL');
  await expect.poll(incoming, { timeout: 120_000 }).toEqual([]);
  expect(await server.git.history(repository.uuid).branches()).toEqual([]);
  await work.commit('small', { 'a.bin': null });
  await work.git('checkout', '-q', '--orphan', 'fresh');
  const sha = await work.commit('fresh');
  await work.push(url, 'fresh');
  expect(await server.git.history(repository.uuid).head('fresh')).toBe(sha);
});

test('killed at a random moment of many pushes: what git accepted is recorded after the restart, each once', async () => {
  let shas: string[] = [];
  let uuid = '';
  for (let round = 0; round < 4; round += 1) {
    const running = await startProcess();
    uuid = running.uuid;
    shas = [...shas, await work.commit(`round ${round}`, { 'a.txt': `${round}` })];
    const pushing = work.tryGit(
      'push',
      running.url,
      'HEAD:refs/heads/main',
      `HEAD:refs/tags/t${round}`,
    );
    const afterMs = 40 + round * 90;
    await Promise.race([pushing, new Promise((resolve) => setTimeout(resolve, afterMs))]);
    await kill(running.child);
    await pushing;
  }
  const server = await startHere();
  const head = await server.git.history(uuid).head('main');
  const rows = (await pushRows(server)).filter((row) => row.ref === 'refs/heads/main');
  expect(rows.at(-1)?.after_sha ?? null).toBe(head);
  for (const [index, row] of rows.entries()) {
    if (index > 0) expect(row.before_sha).toBe(rows[index - 1]?.after_sha);
  }
  const repository = await server.git.bySlug(SLUG);
  if (repository === null) throw new Error('the repository is gone');
  await work.push(server.urlOf(repository), 'main');
  expect(await server.git.history(uuid).head('main')).toBe(shas.at(-1));
});

test('changes made while the server was down are recorded at start, and only once', async () => {
  let server = await startHere();
  const { repository, url } = await server.host(SLUG);
  const first = await work.commit('first');
  await work.push(url, 'main');
  await server.stop();
  servers.pop();

  const second = await work.commit('second');
  const path = join(dataDir, 'git', `${repository.uuid}.git`);
  await work.push(path, 'main', 'main:later');
  for (let round = 0; round < 2; round += 1) {
    server = await startHere();
    await server.git.reconcileRefs(repository.uuid);
    expect(await pushRows(server)).toEqual([
      { ref: 'refs/heads/main', before_sha: '0'.repeat(40), after_sha: first },
      { ref: 'refs/heads/later', before_sha: '0'.repeat(40), after_sha: second },
      { ref: 'refs/heads/main', before_sha: first, after_sha: second },
    ]);
    const waiting = await server.store.messages.waiting('ci');
    expect(waiting).toBe(3);
    await server.stop();
    servers.pop();
  }
});

test('a lock left by a killed git, and a half-made repository, do not stay in the way', async () => {
  let server = await startHere();
  const { repository, url } = await server.host(SLUG);
  await work.commit('first');
  await work.push(url, 'main');
  await server.stop();
  servers.pop();
  const path = join(dataDir, 'git', `${repository.uuid}.git`);
  const old = new Date(Date.now() - 3_600_000);
  for (const lock of ['refs/heads/main.lock', 'packed-refs.lock', 'HEAD.lock']) {
    await writeFile(join(path, lock), '');
    await utimes(join(path, lock), old, old);
  }
  await mkdir(`${path}.tmp-0123456789ab`);
  server = await startHere();
  await work.commit('second');
  await work.push(server.urlOf(repository), 'main');
  expect((await readdir(join(dataDir, 'git'))).sort()).toEqual(
    [`${repository.uuid}.git`, 'home', 'hooks'].sort(),
  );
});

test('a push or a file above the limit is refused with the reason, and leaves nothing', async () => {
  const server = await startGitServer(dataDir, {
    maxPushBytes: 3_000_000,
    maxObjectBytes: 1_000_000,
  });
  servers.push(server);
  const { repository, url } = await server.host(SLUG);
  const clean = await work.commit('clean');
  await work.commit('file', { 'large.bin': randomBytes(1_500_000) });
  const large = await work.tryGit('push', url, 'main');
  expect(large.stderr).toMatch(/remote: .*1500000 bytes.*at most 1000000/);
  await work.git('reset', '-q', '--hard', clean);
  await work.commit('push', {
    'a.bin': randomBytes(900_000),
    'b.bin': randomBytes(900_000),
    'c.bin': randomBytes(900_000),
    'd.bin': randomBytes(900_000),
  });
  const huge = await work.tryGit('push', url, 'main');
  expect(huge.status).not.toBe(0);
  expect(huge.stderr).toMatch(/maximum allowed size|unpack/);
  expect(await server.git.history(repository.uuid).branches()).toEqual([]);
  expect(await pushRows(server)).toEqual([]);
});
