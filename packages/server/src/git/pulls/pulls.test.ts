import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GitServer, startGitServer } from '../../../test/git-server.ts';
import type { Repository } from '../index.ts';
import type { MergeMethod, PullMerge } from './types.ts';

let dataDir: string;
let server: GitServer;
let repository: Repository;
let url: string;
let work: TestRepository;
let count = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-pulls-'));
  server = await startGitServer(dataDir);
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  count += 1;
  ({ repository, url } = await server.host(`default/pulls-${count}`));
  work = await createRepository();
  await work.commit('base', { 'a.txt': '1\n2\n3\n4\n5\n', 'b.txt': 'b\n' });
});
afterEach(() => work.remove());

const pulls = () => server.git.pulls;
const history = () => server.git.history(repository.uuid);

/** Pushes both branches and answers their heads. */
async function pushBoth(): Promise<{ base: string; head: string }> {
  await work.push(url, 'main', 'topic');
  return { base: await work.sha('main'), head: await work.sha('topic') };
}

/** A topic of two commits, and a main that has moved on beside it. */
async function diverge(): Promise<{ base: string; head: string }> {
  await work.branch('topic');
  await work.commit('one', { 'a.txt': '1\n2\n3\n4\nfive\n' });
  await work.commit('two', { 'c.txt': 'c\n' });
  await work.checkout('main');
  await work.commit('beside', { 'a.txt': 'one\n2\n3\n4\n5\n' });
  return pushBoth();
}

const merge = (
  method: MergeMethod,
  { base, head }: { base: string; head: string },
  change: Partial<PullMerge> = {},
) =>
  pulls().merge(repository.uuid, {
    ...{ branch: 'main', base, head, method, message: 'Merge it\n\nWith a body' },
    committer: { name: 'Grace', email: 'grace@example.com' },
    pusherUuid: 'grace',
    announce: async () => undefined,
    ...change,
  });

describe('the merge result', () => {
  it('holds both sides, keeps its hash, and can be fetched', async () => {
    const both = await diverge();
    const first = await pulls().prepare(repository.uuid, { number: 7, ...both });
    const again = await pulls().prepare(repository.uuid, { number: 7, ...both });
    expect(first).toEqual(again);
    if (first.kind !== 'clean') throw new Error(first.kind);
    await work.git('fetch', '-q', url, 'refs/pull/7/merge');
    expect(await work.sha('FETCH_HEAD')).toBe(first.sha);
    expect(await work.git('show', 'FETCH_HEAD:a.txt')).toBe('one\n2\n3\n4\nfive');
    expect(await work.git('show', 'FETCH_HEAD:c.txt')).toBe('c');
    expect((await server.git.commit(repository.uuid, first.sha))?.parents).toEqual([
      both.base,
      both.head,
    ]);
  });

  it('names what both sides changed', async () => {
    await work.branch('topic');
    await work.commit('one', { 'a.txt': 'ours\n', 'b.txt': 'theirs\n' });
    await work.checkout('main');
    await work.commit('beside', { 'a.txt': 'theirs\n' });
    const both = await pushBoth();
    expect(await pulls().prepare(repository.uuid, { number: 1, ...both })).toEqual({
      kind: 'conflicts',
      paths: ['a.txt'],
    });
    for (const method of ['merge', 'squash', 'rebase'] as const) {
      await expect(merge(method, both)).rejects.toMatchObject({ reason: 'merge_conflicts' });
    }
    expect(await history().head('main')).toBe(both.base);
  });

  it('knows what is on the base already, and what has nothing in common with it', async () => {
    await work.branch('topic');
    await work.checkout('main');
    await work.commit('further');
    const both = await pushBoth();
    expect(await pulls().prepare(repository.uuid, { number: 1, ...both })).toEqual({
      kind: 'merged',
    });
    await work.git('checkout', '-q', '--orphan', 'other');
    const head = await work.commit('alone', { 'z.txt': 'z\n' });
    await work.push(url, 'other');
    expect(await pulls().prepare(repository.uuid, { number: 2, base: both.base, head })).toEqual({
      kind: 'unrelated',
    });
  });
});

describe('merging', () => {
  it('merge: two parents, recorded as a push of whoever merges', async () => {
    const both = await diverge();
    let announced = '';
    const sha = await merge('merge', both, {
      announce: async (to) => {
        announced = to;
        expect(await history().head('main')).toBe(both.base);
      },
    });
    expect(announced).toBe(sha);
    const commit = await server.git.commit(repository.uuid, sha);
    expect(commit).toMatchObject({
      parents: [both.base, both.head],
      message: 'Merge it\n\nWith a body',
      author: { name: 'Grace' },
    });
    const push = await server.store.db
      .selectFrom('pushes')
      .select(['ref', 'before_sha', 'after_sha', 'pusher_uuid'])
      .where('repository_uuid', '=', repository.uuid)
      .orderBy('id', 'desc')
      .executeTakeFirst();
    expect(push).toEqual({
      ref: 'refs/heads/main',
      before_sha: both.base,
      after_sha: sha,
      pusher_uuid: 'grace',
    });
  });

  it('squash: one commit with the author of the head', async () => {
    const both = await diverge();
    const sha = await merge('squash', both);
    expect(await server.git.commit(repository.uuid, sha)).toMatchObject({
      parents: [both.base],
      author: { name: 'Test Author' },
      committer: { name: 'Grace' },
    });
    expect(await server.git.readFile(repository.uuid, sha, 'a.txt')).toBe('one\n2\n3\n4\nfive\n');
  });

  it('rebase: every commit again, with its author, date and message', async () => {
    const both = await diverge();
    const sha = await merge('rebase', both);
    const shas = await history().commitsBetween(both.base, sha, 10);
    const commits = await server.git.commits(repository.uuid, shas);
    expect(commits.map(({ subject }) => subject)).toEqual(['two', 'one']);
    const originals = await server.git.commits(
      repository.uuid,
      await history().commitsBetween(await work.sha('main~1'), both.head, 10),
    );
    expect(commits.map(({ authoredAt }) => authoredAt)).toEqual(
      originals.map(({ authoredAt }) => authoredAt),
    );
    expect(await server.git.readFile(repository.uuid, sha, 'a.txt')).toBe('one\n2\n3\n4\nfive\n');
    expect(await server.git.readFile(repository.uuid, sha, 'c.txt')).toBe('c\n');
  });

  it('rebase: a branch that stands on the base is taken as it is', async () => {
    await work.branch('topic');
    await work.commit('one', { 'c.txt': 'c\n' });
    const both = await pushBoth();
    expect(await merge('rebase', both)).toBe(both.head);
  });

  it('rebase: refuses what contains merges, and leaves out what the base has', async () => {
    await work.branch('topic');
    await work.commit('shared', { 'c.txt': 'c\n' });
    const shared = await work.sha();
    await work.commit('own', { 'd.txt': 'd\n' });
    await work.checkout('main');
    await work.commit('beside', { 'b.txt': 'bb\n' });
    await work.git('cherry-pick', '--keep-redundant-commits', shared);
    const both = await pushBoth();
    const sha = await merge('rebase', both);
    const subjects = await server.git.commits(
      repository.uuid,
      await history().commitsBetween(both.base, sha, 10),
    );
    expect(subjects.map(({ subject }) => subject)).toEqual(['own']);

    await work.checkout('topic');
    await work.branch('side', 'topic~1');
    await work.commit('side', { 'e.txt': 'e\n' });
    await work.checkout('topic');
    await work.merge('side');
    await work.push(url, 'topic');
    await expect(
      merge('rebase', { base: sha, head: await work.sha('topic') }),
    ).rejects.toMatchObject({ reason: 'merge_commits' });
  });

  it('never moves a branch that somebody else has moved', async () => {
    const both = await diverge();
    const newer = await work.commit('newer', { 'n.txt': 'n\n' });
    await work.push(url, 'main');
    await expect(merge('squash', both)).rejects.toMatchObject({ reason: 'branch_moved' });
    // And also when it moves in the very moment.
    const late = { base: newer, head: both.head };
    await work.commit('newest', { 'n.txt': 'nn\n' });
    const attempt = merge('merge', late, {
      announce: async () => void (await work.push(url, 'main')),
    });
    await expect(attempt).rejects.toMatchObject({ reason: 'branch_moved' });
    expect(await history().head('main')).toBe(await work.sha('main'));
  });
});

describe('the diff', () => {
  it('is what the head changed since it left the base', async () => {
    await work.branch('topic');
    await work.commit('changes', {
      'a.txt': '1\n2\n3\n4\nfive\n',
      'b.txt': null,
      'ü "x".txt': 'neu\n',
      'data.bin': new Uint8Array([0, 1, 2, 0, 255]),
    });
    await work.git('mv', 'a.txt', 'moved.txt');
    await work.commit('rename');
    await work.checkout('main');
    await work.commit('beside', { 'other.txt': 'o\n' });
    const { base, head } = await pushBoth();
    const diff = await pulls().diff(repository.uuid, base, head);
    expect(diff).toMatchObject({ count: 4, truncated: false, mergeBase: await work.sha('main~1') });
    const files = new Map(diff.files.map((file) => [file.path, file]));
    expect(files.get('b.txt')).toMatchObject({ status: 'deleted', additions: 0, deletions: 1 });
    expect(files.get('moved.txt')).toMatchObject({
      ...{ status: 'renamed', previousPath: 'a.txt', additions: 1, deletions: 1 },
      patch: expect.stringContaining('-5\n+five'),
    });
    expect(files.get('ü "x".txt')).toMatchObject({
      status: 'added',
      patch: '@@ -0,0 +1 @@\n+neu',
    });
    expect(files.get('data.bin')).toMatchObject({ status: 'added', additions: null, patch: null });
  });

  it('leaves the text out where it is too long, and says so', async () => {
    await work.branch('topic');
    await work.commit('long', { 'long.txt': 'line\n'.repeat(30_000), 'a.txt': 'x\n' });
    const { base, head } = await pushBoth();
    const diff = await pulls().diff(repository.uuid, base, head);
    expect(diff).toMatchObject({ count: 2, truncated: true });
    expect(diff.files.every(({ patch }) => patch === null)).toBe(true);
  });
});
