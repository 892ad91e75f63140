import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import type { Repository } from '../git/index.ts';
import type { Topics } from '../store/index.ts';
import type { PullRequestMessage } from '../store/messages.ts';
import { createPulls, type Pull, type Pulls } from './index.ts';
import type { PreviewDoors } from './previews/index.ts';

/** Under load a second, the default, is not long. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 120_000 });

const ADA = { userUuid: 'ada', email: 'ada@example.com', name: 'Ada' };
const unused = async () => {
  throw new Error('no application is made from these repositories: there is nothing to preview');
};
const DOORS: PreviewDoors = {
  ...{ find: unused, create: unused, setVariable: unused, unsetVariable: unused },
  ...{ deploy: unused, remove: unused, url: unused },
  application: async () => null,
};
const SEALING = { seal: (text: string) => text, open: (text: string) => text };

let dataDir: string;
let server: GitServer;
let pulls: Pulls;
let origin: TestRepository;
let mirror: Repository;
let base: string;
let errors: unknown[];
let count = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-outside-pulls-'));
  server = await startGitServer(dataDir, {
    mirrors: { allowPaths: true, localNetworks: true, protocols: ['https', 'ssh', 'http'] },
  });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  count += 1;
  errors = [];
  pulls = createPulls({
    ...{ store: server.store, git: server.git, secrets: SEALING, previews: DOORS },
    ...{ publicUrl: () => 'http://sluice.test', choresMs: 300, localNetworks: true },
    onError: (error) => errors.push(error),
  });
  pulls.start();
  origin = await createRepository();
  base = await origin.commit('base', { 'a.txt': '1\n' });
  mirror = await server.store.transaction((trx) =>
    server.git.createMirror(trx, {
      ...{ organisationUuid: 'organisation', slug: `default/outside-${count}` },
      ...{ url: origin.path, isPrivate: false },
    }),
  );
  await server.git.fetch(mirror.uuid);
});
afterEach(async () => {
  await pulls.stop();
  await origin.remove();
});

/** What a host says; the fork's commits lie where GitHub keeps them. */
async function say(change: Partial<PullRequestMessage> & { sha: string }): Promise<void> {
  const { sha, ...rest } = change;
  const message: PullRequestMessage = {
    ...{ repositoryUuid: mirror.uuid, provider: 'github', number: 7, action: 'opened' },
    ...{ title: 'Seven', author: { id: '42', login: 'eve' }, url: 'https://host/pull/7' },
    head: { sha, ref: 'topic', repository: 'acme/site', isFork: false },
    base: { sha: base, ref: 'main' },
    ...{ draft: false, at: new Date().toISOString() },
    ...rest,
  };
  await server.store.transaction((trx) =>
    server.store.messages.publish(trx, 'pull_request', message),
  );
}

const pull = async (number = 7): Promise<Pull | undefined> => {
  const found = await pulls.list({ repositoryUuids: [mirror.uuid], number, offset: 0, limit: 1 });
  return found.pulls[0];
};

async function wishes(): Promise<Topics['pull_build'][]> {
  const rows = await server.store.db
    .selectFrom('messages')
    .select('payload')
    .where('topic', '=', 'pull_build')
    .orderBy('id')
    .execute();
  return rows
    .map((row) => JSON.parse(row.payload) as Topics['pull_build'])
    .filter(({ repositoryUuid }) => repositoryUuid === mirror.uuid);
}

/** A commit of a fork, which only the pull request's own reference leads to. */
async function forkCommit(number: number, text: string): Promise<string> {
  await origin.git('checkout', '-q', '--detach', 'main');
  const sha = await origin.commit(text, { 'fork.txt': text });
  await origin.git('update-ref', `refs/pull/${number}/head`, sha);
  await origin.checkout('main');
  return sha;
}

const fork = (sha: string, ref = 'topic') => ({
  sha,
  head: { sha, ref, repository: 'eve/site', isFork: true },
});

describe('a branch of the repository itself', () => {
  it('is fetched, merged here and built with all rights', async () => {
    await origin.branch('topic');
    const sha = await origin.commit('change', { 'b.txt': 'b\n' });
    await say({ sha });
    await eventually(wishes).toHaveLength(1);
    const [wish] = await wishes();
    expect(wish).toMatchObject({
      ...{ number: 7, trusted: true, sender: 'eve', baseRef: 'main', baseSha: base },
      head: { sha, ref: 'topic', slug: 'acme/site' },
    });
    expect((await server.git.commit(mirror.uuid, wish?.sha ?? ''))?.parents).toEqual([base, sha]);
    expect(await pull()).toMatchObject({ state: 'open', mergeability: 'clean', approval: 'none' });
  });

  it('is all that is ever trusted, whatever a message says of the head', async () => {
    await origin.branch('topic');
    const own = await origin.commit('own', { 'b.txt': 'b\n' });
    const evil = await forkCommit(7, 'evil');
    // A lie, or a mistake of whoever read the webhook: the commit is none of this repository's branches.
    await say({ sha: evil });
    await eventually(wishes).toHaveLength(1);
    expect((await wishes()).map(({ head, trusted }) => [head.sha, trusted])).toEqual([[own, true]]);
  });

  it('is followed: new commits, a new base, its end', async () => {
    await origin.branch('topic');
    const first = await origin.commit('one', { 'b.txt': '1\n' });
    await say({ sha: first });
    await eventually(wishes).toHaveLength(1);
    const second = await origin.commit('two', { 'b.txt': '2\n' });
    await say({ sha: second, action: 'updated', title: 'Seven, better' });
    await eventually(wishes).toHaveLength(2);
    expect(await pull()).toMatchObject({ title: 'Seven, better', head_sha: second });
    await say({ sha: second, action: 'closed' });
    await eventually(async () => (await pull())?.state).toBe('closed');
    await say({ sha: second, action: 'reopened' });
    await eventually(wishes).toHaveLength(3);
    await origin.checkout('main');
    const merged = await origin.merge('topic');
    // The webhook is lost: the fetch that brings the merge tells.
    await server.git.fetch(mirror.uuid);
    await eventually(async () => (await pull())?.state).toBe('merged');
    expect(await pull()).toMatchObject({ merged_sha: merged });
    await expect(pulls.merge((await pull())?.uuid ?? '', {}, ADA)).rejects.toMatchObject({
      reason: 'not_open',
    });
  });
});

describe('a fork', () => {
  it('of a stranger waits for an approval, then runs without rights, and its author is known', async () => {
    const sha = await forkCommit(7, 'stranger');
    await say(fork(sha));
    await eventually(async () => (await pull())?.approval).toBe('awaiting');
    expect(await wishes()).toEqual([]);
    await pulls.approve((await pull())?.uuid ?? '', ADA);
    await eventually(wishes).toHaveLength(1);
    expect((await wishes())[0]).toMatchObject({
      trusted: false,
      head: { sha, slug: 'eve/site' },
    });
    const next = await forkCommit(8, 'again');
    await say({ ...fork(next), number: 8 });
    await eventually(wishes).toHaveLength(2);
    const other = await forkCommit(9, 'somebody else');
    // The login may change hands; the id does not.
    await say({ ...fork(other), number: 9, author: { id: '43', login: 'eve' } });
    await eventually(async () => (await pull(9))?.approval).toBe('awaiting');
    expect(await wishes()).toHaveLength(2);
  });

  it('with a branch of the name of ours stays a fork', async () => {
    await origin.branch('topic');
    await origin.commit('ours', { 'b.txt': 'b\n' });
    const sha = await forkCommit(7, 'theirs');
    await pulls.settings.change(mirror.uuid, { approveFirst: false });
    await say(fork(sha, 'topic'));
    await eventually(wishes).toHaveLength(1);
    expect((await wishes())[0]).toMatchObject({ trusted: false, head: { sha } });
  });

  it('whose commits cannot be fetched yet holds nobody up, and is built when they came', async () => {
    await pulls.settings.change(mirror.uuid, { approveFirst: false });
    const sha = await forkCommit(7, 'late');
    await origin.git('update-ref', '-d', 'refs/pull/7/head');
    await say(fork(sha));
    await origin.branch('other');
    const other = await origin.commit('other', { 'o.txt': 'o\n' });
    await say({
      ...{ sha: other, number: 8 },
      head: { sha: other, ref: 'other', repository: 'acme/site', isFork: false },
    });
    await eventually(wishes).toHaveLength(1);
    expect((await pull())?.mergeability).toBe('unknown');
    expect(errors.length).toBeGreaterThan(0);
    await origin.git('update-ref', 'refs/pull/7/head', sha);
    await eventually(wishes).toHaveLength(2);
  });
});
