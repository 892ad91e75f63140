import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneRepository, createRepository, type TestRepository } from '@sluice/testing/git';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import { ABSENT, type Repository } from './index.ts';

let dataDir: string;
let server: GitServer;
let work: TestRepository;
let repository: Repository;
let url: string;
let count = 0;
let described: (readonly number[])[] = [];
let environmentBranches: string[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-push-'));
  server = await startGitServer(dataDir, { describeTimeoutMs: 500 });
  server.git.attach({ protectedBranches: async () => environmentBranches });
});

afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
  expect(server.errors).toEqual([]);
});

beforeEach(async () => {
  count += 1;
  described = [];
  environmentBranches = [];
  server.git.attach({
    describePush: async (ids) => {
      described.push(ids);
      return [`build for push ${ids.join(', ')}`];
    },
  });
  ({ repository, url } = await server.host(`default/app-${count}`));
  work = await createRepository();
  return () => work.remove();
});

const as = (user: string) => url.replace('pusher:', `${user}:`);

const pushes = () =>
  server.store.db
    .selectFrom('pushes')
    .select(['id', 'ref', 'before_sha', 'after_sha', 'forced', 'pusher_uuid'])
    .where('repository_uuid', '=', repository.uuid)
    .orderBy('id')
    .execute();

const messages = async () => {
  const rows = await server.store.db
    .selectFrom('messages')
    .select('payload')
    .where('topic', '=', 'push')
    .where('consumer', '=', 'ci')
    .orderBy('id')
    .execute();
  return rows
    .map((row) => JSON.parse(row.payload))
    .filter((message) => message.repositoryUuid === repository.uuid);
};

test('a push is recorded, told to the other rooms and answered with its build', async () => {
  const first = await work.commit('first', { 'a.txt': 'a' });
  const said = await work.push(as('ada'), 'main');
  const [push] = await pushes();
  expect(push).toMatchObject({
    ref: 'refs/heads/main',
    before_sha: ABSENT,
    after_sha: first,
    forced: 0,
    pusher_uuid: 'ada',
  });
  expect(said).toContain(`remote: build for push ${push?.id}`);
  expect(await messages()).toEqual([
    {
      pushId: push?.id,
      repositoryUuid: repository.uuid,
      ref: 'refs/heads/main',
      before: ABSENT,
      after: first,
      forced: false,
    },
  ]);
  const second = await work.commit('second');
  await work.push(as('ada'), 'main');
  expect((await pushes())[1]).toMatchObject({ before_sha: first, after_sha: second, forced: 0 });
});

test('an empty repository can be cloned, and a clone has what was pushed', async () => {
  const empty = await cloneRepository(as('ada'));
  await empty.remove();
  await work.commit('first', { 'a.txt': 'a' });
  await work.branch('trunk');
  const head = await work.commit('second', { 'dir/b.txt': 'b' });
  await work.push(as('ada'), 'trunk');
  const clone = await cloneRepository(as('reader'));
  expect(await clone.sha()).toBe(head);
  expect(await clone.git('symbolic-ref', 'HEAD')).toBe('refs/heads/trunk');
  await clone.remove();
});

test('the first branch becomes the default one, in the transaction of the push', async () => {
  const followed: string[] = [];
  server.git.attach({
    onDefaultBranch: async (trx, uuid, branch) => {
      const row = await trx
        .selectFrom('repositories')
        .select('default_branch')
        .where('uuid', '=', uuid)
        .executeTakeFirstOrThrow();
      followed.push(`${row.default_branch} ${branch}`);
    },
  });
  await work.commit('first');
  await work.tag('v1');
  await work.branch('feature');
  await work.push(as('ada'), 'v1');
  expect((await server.git.get(repository.uuid))?.defaultBranch).toBeNull();
  await work.push(as('ada'), 'feature', 'main');
  expect((await server.git.get(repository.uuid))?.defaultBranch).toBe('main');
  await work.branch('later');
  await work.push(as('ada'), 'later');
  expect((await server.git.get(repository.uuid))?.defaultBranch).toBe('main');
  expect(followed).toEqual(['main main']);
  server.git.attach({ onDefaultBranch: async () => undefined });
});

test('a protected branch is rewound or deleted only with the right to it', async () => {
  const first = await work.commit('first');
  const second = await work.commit('second');
  await work.push(as('ada'), 'main');
  await work.branch('staging', first);
  const other = await work.commit('other');
  await work.push(as('ada'), 'staging');
  environmentBranches = ['staging'];

  for (const spec of ['+staging:main', ':main', `+${first}:refs/heads/staging`, ':staging']) {
    const refused = await work.tryGit('push', as('ada'), spec);
    expect(refused.status, spec).not.toBe(0);
    expect(refused.stderr).toMatch(/remote: .*the branch is protected/);
  }
  // One bad ref refuses the whole push.
  const mixed = await work.tryGit('push', as('ada'), 'staging:fresh', '+staging:main');
  expect(mixed.status).not.toBe(0);
  expect(await server.git.history(repository.uuid).branches()).toEqual(['main', 'staging']);

  // Whoever has the right still has to say that it is meant.
  for (const spec of ['+staging:main', ':main']) {
    const refused = await work.tryGit('push', as('force'), spec);
    expect(refused.stderr).toMatch(/remote: .*protected.*git push --force -o force/);
  }
  const unasked = await work.tryGit('push', as('ada'), '-o', 'force', '+staging:main');
  expect(unasked.stderr).toMatch(/the right to force-push/);
  await work.push(as('force'), '-o', 'force', '+staging:main');
  expect((await pushes()).at(-1)).toMatchObject({
    before_sha: second,
    after_sha: other,
    forced: 1,
    pusher_uuid: 'force',
  });
  await work.push(as('force'), '-o', 'force', ':staging', ':main');
  expect((await pushes()).at(-1)).toMatchObject({ after_sha: ABSENT, forced: 0 });
  expect(await server.git.history(repository.uuid).branches()).toEqual([]);
});

test('other branches and tags may be moved by whoever may push', async () => {
  await work.commit('first');
  await work.tag('v1', 'release');
  await work.push(as('ada'), 'main', 'v1');
  await work.branch('feature');
  await work.commit('one');
  await work.push(as('ada'), 'feature');
  await work.git('commit', '-q', '--amend', '--allow-empty', '-m', 'two');
  const amended = await work.sha();
  await work.git('tag', '-f', '-a', '-m', 'again', 'v1');
  await work.push(as('ada'), '+feature', '+v1');
  const last = (await pushes()).slice(-2);
  expect(last.map((push) => [push.ref, push.after_sha, push.forced])).toEqual([
    ['refs/heads/feature', amended, 1],
    ['refs/tags/v1', amended, 1],
  ]);
  await work.push(as('ada'), ':feature', ':v1');
  expect(await server.git.history(repository.uuid).branches()).toEqual(['main']);
});

test('a reader cannot push, and a push to a mirror is refused', async () => {
  await work.commit('first');
  const refused = await work.tryGit('push', as('reader'), 'main');
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toMatch(/403/);
  await server.store.db
    .updateTable('repositories')
    .set({ kind: 'mirror', url: 'https://example.com/a.git' })
    .where('uuid', '=', repository.uuid)
    .execute();
  expect((await work.tryGit('push', as('force'), 'main')).stderr).toMatch(/403/);
  expect(await pushes()).toEqual([]);
  await server.store.db
    .updateTable('repositories')
    .set({ kind: 'hosted', url: null })
    .where('uuid', '=', repository.uuid)
    .execute();
});

test('strange but valid names work, dangerous ones are refused', async () => {
  const sha = await work.commit('first');
  const fine = [
    '$(touch x)',
    '`id`;ls',
    "it's",
    '"q"',
    'a&&b|c',
    'ünïcode/☃',
    'x#y%20z',
    'ref=s<>!',
  ];
  const valid = fine.map((name) => name.replaceAll(' ', '-'));
  await work.push(as('ada'), ...valid.map((name) => `main:refs/heads/${name}`));
  const history = server.git.history(repository.uuid);
  expect((await history.branches()).sort()).toEqual([...valid].sort());
  for (const name of valid) {
    expect(await history.head(name)).toBe(sha);
    expect(await history.resolve(name)).toEqual({ kind: 'branch', sha });
  }
  for (const ref of ['refs/heads/-x', `refs/heads/${sha}`, 'refs/heads/HEAD', 'refs/sluice/x']) {
    const refused = await work.tryGit('push', as('ada'), `main:${ref}`);
    expect(refused.status, ref).not.toBe(0);
    expect(refused.stderr).toContain(ref);
  }
  expect(await history.branches()).toHaveLength(valid.length);
});

test('shallow, partial and single-commit fetches, protocol 2', async () => {
  await work.commit('first', { 'a.txt': 'a'.repeat(10_000) });
  const second = await work.commit('second', { 'a.txt': 'b'.repeat(10_000) });
  await work.push(as('ada'), 'main');
  await work.git('commit', '-q', '--amend', '-m', 'replaced');
  await work.push(as('force'), '-o', 'force', '+main');

  const shallow = await cloneRepository(as('reader'), '--depth=1');
  expect(await shallow.git('rev-list', '--count', 'HEAD')).toBe('1');
  await shallow.git('fetch', '-q', '--depth=1', 'origin', second);
  expect(await shallow.sha('FETCH_HEAD')).toBe(second);
  await shallow.git('fetch', '-q', '--unshallow');
  expect(await shallow.git('rev-list', '--count', 'HEAD')).toBe('2');

  const partial = await cloneRepository(as('reader'), '--filter=blob:none', '--no-checkout');
  const missing = await partial.git('rev-list', '--objects', '--missing=print', 'HEAD');
  expect(missing).toMatch(/^\?/m);
  await partial.git('checkout', '-q', 'main');

  const trace = await shallow.tryGit('-c', 'protocol.version=2', 'ls-remote', 'origin');
  expect(trace.status).toBe(0);
  await shallow.remove();
  await partial.remove();
});

test('pushes at the same time to different branches are all recorded, each once', async () => {
  await work.commit('first');
  await work.push(as('ada'), 'main');
  const names = Array.from({ length: 8 }, (_, index) => `branch-${index}`);
  await Promise.all(
    names.map(async (name) => {
      const clone = await cloneRepository(as('ada'));
      await clone.branch(name);
      await clone.commit(name);
      await clone.push(as(name), name);
      await clone.commit(`${name} again`);
      await clone.push(as(name), name);
      await clone.remove();
    }),
  );
  const all = (await pushes()).slice(1);
  expect(all).toHaveLength(16);
  for (const name of names) {
    const [made, moved] = all.filter((push) => push.ref === `refs/heads/${name}`);
    expect(made).toMatchObject({ before_sha: ABSENT, pusher_uuid: name });
    expect(moved).toMatchObject({ before_sha: made?.after_sha, pusher_uuid: name, forced: 0 });
  }
  expect((await messages()).map((message) => message.pushId)).toEqual(
    (await pushes()).map((push) => push.id),
  );
});

test('of two pushes to one branch at the same time one wins, the other is told', async () => {
  await work.commit('first');
  await work.push(as('ada'), 'main');
  const outcomes = await Promise.all(
    [0, 1, 2].map(async (index) => {
      const clone = await cloneRepository(as('ada'));
      const sha = await clone.commit(`rival ${index}`);
      const { status } = await clone.tryGit('push', as('ada'), 'main');
      await clone.remove();
      return { sha, status };
    }),
  );
  const winners = outcomes.filter((outcome) => outcome.status === 0);
  expect(winners).toHaveLength(1);
  expect(await server.git.history(repository.uuid).head('main')).toBe(winners[0]?.sha);
  expect(await pushes()).toHaveLength(2);
});

test('notes are kept but are no pushes that anybody builds', async () => {
  const sha = await work.commit('first');
  await work.git('notes', 'add', '-m', 'seen', sha);
  await work.push(as('ada'), 'main', 'refs/notes/commits');
  await server.git.reconcileRefs(repository.uuid);
  expect((await pushes()).map((push) => push.ref)).toEqual(['refs/heads/main']);
  expect(await work.git('ls-remote', as('ada'))).toContain('refs/notes/commits');
});

test('a push of a thousand refs is recorded whole', async () => {
  const sha = await work.commit('first');
  const specs = Array.from({ length: 1_000 }, (_, index) => `main:refs/tags/release-${index}`);
  await work.push(as('ada'), 'main', ...specs);
  const rows = await pushes();
  expect(rows).toHaveLength(1_001);
  expect(new Set(rows.map((row) => `${row.after_sha} ${row.pusher_uuid}`))).toEqual(
    new Set([`${sha} ada`]),
  );
});

test('a slow or failing answer never fails the push', async () => {
  await work.commit('first');
  server.git.attach({ describePush: () => new Promise(() => undefined) });
  await work.push(as('ada'), 'main');
  server.git.attach({
    describePush: async () => {
      throw new Error('on purpose');
    },
  });
  await work.commit('second');
  expect(await work.push(as('ada'), 'main')).toContain('remote: The push is received');
  expect(await pushes()).toHaveLength(2);
  expect(server.errors.splice(0)).toHaveLength(1);
});

test('a hook with a made-up token cannot push, and what it reports is taken from the disk alone', async () => {
  const sha = await work.commit('first');
  await work.push(as('ada'), 'main');
  const request = { token: 'made-up', repositoryUuid: repository.uuid, options: [] };
  const update = { ref: 'refs/heads/main', before: sha, after: ABSENT, fastForward: true };
  expect((await server.git.preReceive({ ...request, updates: [update] })).accepted).toBe(false);
  await server.git.postReceive({ ...request, updates: [update] });
  const rows = await pushes();
  expect(rows.map((row) => [row.pusher_uuid, row.after_sha])).toEqual([['ada', sha]]);
});
