import type { PullRequest } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';
import { rawRequest } from '../../../test/raw-request.ts';

/** Under load a second, the default, is not long. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 120_000 });

const YAML = 'language: generic\nscript: make test\n';
const RUNNER = { runner: 'test', isolates: true };

let server: HttpServer;
let application: string;
let repositoryUuid: string;
let work: TestRepository;
let url: string;
let count = 0;

beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server?.stop());

beforeEach(async () => {
  count += 1;
  const client = server.client(server.admin.token);
  const made = await client.applications.create({
    ...{ name: `Shop ${count}`, organisation: server.organisationUuid },
  });
  application = made.uuid;
  repositoryUuid = made.repository_uuid;
  await client.repositories.update(repositoryUuid, { active: true });
  work = await createRepository();
  const remote = new URL(made.git_url);
  remote.username = 'x';
  remote.password = server.admin.token;
  url = remote.href;
  await work.commit('base', { '.travis.yml': YAML, 'a.txt': '1\n2\n3\n' });
  await work.push(url, 'main');
  await work.branch('topic');
  await work.commit('Say two differently', { 'a.txt': '1\ntwo\n3\n' });
  await work.push(url, 'topic');
  await drain();
});

async function call(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; json: PullRequest & Record<string, unknown> }> {
  const answer = await rawRequest(server.url, path, {
    method,
    headers: {
      authorization: `Token ${server.admin.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer as unknown as { status: number; json: PullRequest & Record<string, unknown> };
}

const PULLS = '/apps/v3/pull-requests/';
const open = async (body: object = {}): Promise<PullRequest> => {
  const { status, json } = await call('POST', PULLS, { application, head: 'topic', ...body });
  expect({ status, json }).toMatchObject({ status: 201 });
  return json;
};
const get = async (uuid: string): Promise<PullRequest> =>
  (await call('GET', `${PULLS}${uuid}/`)).json;
const buildState = async (uuid: string) => (await get(uuid)).build?.state;

/** Runs every job that waits, to this end; answers the events and commits of their builds. */
async function drainBuilds(verdict: 'passed' | 'failed' = 'passed') {
  const builds: { event: string; sha: string }[] = [];
  for (;;) {
    const leased = await server.ci.runner.lease(RUNNER, 300);
    if (leased === null) return builds;
    const { payload, leaseToken } = leased;
    builds.push({ event: payload.build.event, sha: payload.build.sha });
    await server.ci.runner.verdict(payload.jobId, leaseToken, verdict);
    const exitCode = verdict === 'passed' ? 0 : 1;
    await server.ci.runner.finish(payload.jobId, leaseToken, {
      ...{ state: verdict, exitCode, reason: null },
    });
  }
}
const drain = async (verdict?: 'passed' | 'failed'): Promise<string[]> =>
  (await drainBuilds(verdict)).map(({ event }) => event);

/** Somebody else's work comes into the base. */
async function pushToMain(name: string): Promise<string> {
  await work.checkout('main');
  const sha = await work.commit(name, { [`${name}.txt`]: name });
  await work.push(url, 'main');
  await work.checkout('topic');
  return sha;
}

describe('a pull request', () => {
  it('is opened from a pushed branch, built as its merge result, and merged when that passed', async () => {
    const pull = await open({ description: 'Because.' });
    expect(pull).toMatchObject({
      ...{ number: 1, title: 'Say two differently', author: 'admin@example.com', state: 'open' },
      ...{ mergeability: 'clean', conflicts: [], provider: 'sluice' },
      head: { ref: 'topic', is_fork: false },
      base: { ref: 'main' },
    });
    await eventually(() => buildState(pull.uuid)).toBe('unfinished');
    const early = await call('POST', `${PULLS}${pull.uuid}/merge/`, {});
    expect(early).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('not passed yet') },
    });

    const leased = await server.ci.runner.lease(RUNNER, 2_000);
    expect(leased?.payload.build).toMatchObject({
      ...{ event: 'pull_request', sha: pull.merge_sha, branch: 'main' },
      pullRequest: { number: 1, branch: 'topic', sha: pull.head.sha },
    });
    if (leased === null) return;
    await server.ci.runner.verdict(leased.payload.jobId, leased.leaseToken, 'passed');
    await server.ci.runner.finish(leased.payload.jobId, leased.leaseToken, {
      ...{ state: 'passed', exitCode: 0, reason: null },
    });
    await eventually(() => buildState(pull.uuid)).toBe('passed');

    const { json } = await call('POST', `${PULLS}${pull.uuid}/merge/`, {
      ...{ method: 'squash', head: pull.head.sha },
    });
    expect(json).toMatchObject({
      ...{ state: 'merged', merge_method: 'squash', ended_by: 'admin@example.com' },
    });
    const head = await server.git.history(repositoryUuid).head('main');
    expect(json.merged_sha).toBe(head);
    expect(await server.git.commit(repositoryUuid, head ?? '')).toMatchObject({
      message: 'Say two differently (#1)\n\nBecause.',
      parents: [pull.base.sha],
    });
    // The push of the merge is built as every push, by the one who merged.
    expect(await drain()).toEqual(['push']);
    expect(await get(pull.uuid)).toMatchObject({ state: 'merged', merged_sha: head });
  });

  it('is merged by itself once it is green, and stays when it is not', async () => {
    const pull = await open();
    await eventually(() => buildState(pull.uuid)).toBe('unfinished');
    const waiting = await call('POST', `${PULLS}${pull.uuid}/merge/`, { when_green: true });
    expect(waiting.json).toMatchObject({ state: 'open', merge_when_green: true });
    await drain('failed');
    await eventually(async () => (await get(pull.uuid)).merge_when_green).toBe(false);
    const comments = (await call('GET', `${PULLS}${pull.uuid}/comments/`)).json['comments'];
    expect(comments).toMatchObject(
      [{ author: 'Sluice', body: /Its build failed/ }].map(() => ({})),
    );
    expect(comments).toMatchObject([
      { author: 'Sluice', body: expect.stringContaining('Its build failed') },
    ]);

    await work.commit('Correct it', { 'b.txt': 'b\n' });
    await work.push(url, 'topic');
    await eventually(() => buildState(pull.uuid)).toBe('unfinished');
    await call('POST', `${PULLS}${pull.uuid}/merge/`, { when_green: true, method: 'merge' });
    await drain();
    await eventually(async () => (await get(pull.uuid)).state).toBe('merged');
  });

  it('is not merged with a base that its build does not know, but tested again first', async () => {
    const pull = await open();
    await drain();
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    expect((await get(pull.uuid)).base_moved).toBe(false);
    const base = await pushToMain('beside');
    await eventually(async () => (await get(pull.uuid)).base.sha).toBe(base);
    expect(await get(pull.uuid)).toMatchObject({ base_moved: true, mergeability: 'clean' });
    expect(await call('POST', `${PULLS}${pull.uuid}/merge/`, {})).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('main has moved since its build') },
    });
    expect((await get(pull.uuid)).merge_when_green).toBe(false);

    const tested = await call('POST', `${PULLS}${pull.uuid}/test/`);
    expect(tested).toMatchObject({ status: 200, json: { base_moved: false } });
    const twice = await call('POST', `${PULLS}${pull.uuid}/test/`);
    expect(twice).toMatchObject({
      ...{ status: 409, json: { detail: expect.stringContaining('being tested') } },
    });
    await eventually(() => buildState(pull.uuid)).toBe('unfinished');
    const builds = await drainBuilds();
    const sha = builds.find(({ event }) => event === 'pull_request')?.sha ?? '';
    expect((await server.git.commit(repositoryUuid, sha))?.parents).toEqual([base, pull.head.sha]);
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    const { json } = await call('POST', `${PULLS}${pull.uuid}/merge/`, {});
    expect(json).toMatchObject({ state: 'merged' });
    const treeOf = (commit: string) => work.git('rev-parse', `${commit}^{tree}`);
    await work.git('fetch', '-q', url, 'refs/heads/main', sha);
    expect(await treeOf(json.merged_sha ?? '')).toBe(await treeOf(sha));
  });

  it('merged when it is green is what was green, however often the base moves meanwhile', async () => {
    const pull = await open();
    await drain();
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    await pushToMain('beside');
    await eventually(async () => (await get(pull.uuid)).base_moved).toBe(true);
    const waiting = await call('POST', `${PULLS}${pull.uuid}/merge/`, { when_green: true });
    expect(waiting.json).toMatchObject({ state: 'open', merge_when_green: true });
    expect(waiting.json.base_moved).toBe(false);
    await eventually(() => buildState(pull.uuid)).toBe('unfinished');
    // The base moves during that build, too: nobody has to ask again.
    const base = await pushToMain('and beside');
    await eventually(async () => (await get(pull.uuid)).base.sha).toBe(base);
    const tested: string[] = [];
    await expect
      .poll(
        async () => {
          tested.push(...(await drainBuilds()).map(({ sha }) => sha));
          return (await get(pull.uuid)).state;
        },
        { timeout: 120_000 },
      )
      .toBe('merged');
    const after = await get(pull.uuid);
    expect((await server.git.commit(repositoryUuid, after.merged_sha ?? ''))?.parents).toEqual([
      base,
      pull.head.sha,
    ]);
    expect(tested).toContain(
      await server.store.db
        .selectFrom('pull_requests')
        .select('build_sha')
        .where('uuid', '=', pull.uuid)
        .executeTakeFirst()
        .then((row) => row?.build_sha),
    );
  });

  it('is merged after a crash between the end of its build and the merge, too', async () => {
    const pull = await open();
    await drain();
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    // What a server leaves behind that dies right after the build's end was written.
    const by = { userUuid: server.admin.user.uuid, email: 'admin@example.com', name: 'Admin' };
    await server.store.db
      .updateTable('pull_requests')
      .set({ merge_when_green: JSON.stringify({ by, head: pull.head.sha }) })
      .where('uuid', '=', pull.uuid)
      .execute();
    await expect
      .poll(
        async () => {
          // The next round, without waiting for its time.
          server.store.events.emit('pulls:chores');
          return (await get(pull.uuid)).state;
        },
        { timeout: 120_000, interval: 500 },
      )
      .toBe('merged');
    await drain();
  });

  it('may be merged with an older build where the settings say that this is enough', async () => {
    await call('PATCH', `/apps/v3/applications/${application}/pull-request-settings/`, {
      require_current: false,
    });
    const pull = await open();
    await drain();
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    const base = await pushToMain('beside');
    await eventually(async () => (await get(pull.uuid)).base.sha).toBe(base);
    expect((await call('POST', `${PULLS}${pull.uuid}/merge/`, {})).json.state).toBe('merged');
    await drain();
  });

  it('names what both sides changed, and refuses to merge it', async () => {
    const pull = await open();
    await work.checkout('main');
    await work.commit('beside', { 'a.txt': '1\nzwei\n3\n' });
    await work.push(url, 'main');
    await eventually(async () => (await get(pull.uuid)).mergeability).toBe('conflicts');
    expect((await get(pull.uuid)).conflicts).toEqual(['a.txt']);
    const { status, json } = await call('POST', `${PULLS}${pull.uuid}/merge/`, {});
    expect({ status, json }).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('Both sides changed a.txt') },
    });
    await drain();
  });

  it('is closed with its branch, opened again with it, and merged by any push that brings its head', async () => {
    const pull = await open();
    await work.git('push', '-q', url, ':topic');
    await eventually(async () => (await get(pull.uuid)).state).toBe('closed');
    expect((await call('PATCH', `${PULLS}${pull.uuid}/`, { state: 'open' })).status).toBe(409);
    await work.push(url, 'topic');
    expect((await call('PATCH', `${PULLS}${pull.uuid}/`, { state: 'open' })).json.state).toBe(
      'open',
    );
    await work.checkout('main');
    const merged = await work.merge('topic');
    await work.push(url, 'main');
    await eventually(async () => (await get(pull.uuid)).state).toBe('merged');
    expect(await get(pull.uuid)).toMatchObject({ merged_sha: merged, ended_by: null });
    const diff = await call('GET', `${PULLS}${pull.uuid}/diff/`);
    expect(diff.json).toMatchObject({ count: 1, files: [{ path: 'a.txt', additions: 1 }] });
    await drain();
  });

  it('knows its own squash again after a crash in the middle of it', async () => {
    const pull = await open();
    await drain();
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    // What a server that dies right after the branch moved leaves behind: the announcement, and the push.
    const sha = await server.git.pulls.merge(repositoryUuid, {
      ...{ branch: 'main', base: pull.base.sha, head: pull.head.sha, method: 'squash' },
      ...{ message: 'Squashed', committer: { name: 'Ada', email: 'ada@example.com' } },
      pusherUuid: server.admin.user.uuid,
      announce: async (to) => {
        await server.store.db
          .updateTable('pull_requests')
          .set({ merging_sha: to, merge_method: 'squash', ended_by: 'ada@example.com' })
          .where('uuid', '=', pull.uuid)
          .execute();
      },
    });
    await eventually(async () => (await get(pull.uuid)).state).toBe('merged');
    expect(await get(pull.uuid)).toMatchObject({
      ...{ merged_sha: sha, merge_method: 'squash', ended_by: 'ada@example.com' },
    });
    await drain();
  });

  it('is refused where it makes no sense, with the reason', async () => {
    const refused = async (body: object) =>
      (await call('POST', PULLS, { application, ...body })).json as unknown;
    expect(await refused({ head: 'nowhere' })).toHaveProperty('head');
    expect(await refused({ head: 'main' })).toHaveProperty('head');
    expect(await refused({ head: 'topic', base: 'nowhere' })).toHaveProperty('base');
    const pull = await open({ draft: true });
    expect(await refused({ head: 'topic' })).toMatchObject({
      detail: expect.stringContaining('Pull request 1'),
    });
    await drain();
    await eventually(() => buildState(pull.uuid)).toBe('passed');
    expect((await call('POST', `${PULLS}${pull.uuid}/merge/`, {})).json).toMatchObject({
      detail: expect.stringContaining('draft'),
    });
    await call('PATCH', `${PULLS}${pull.uuid}/`, { draft: false });
    const moved = await call('POST', `${PULLS}${pull.uuid}/merge/`, { head: 'a'.repeat(40) });
    expect(moved.json).toMatchObject({ detail: expect.stringContaining('by now') });
  });

  it('may be merged without a build where nothing builds it, or the settings say so', async () => {
    await work.commit('No CI here', { '.travis.yml': null });
    await work.push(url, 'topic');
    const pull = await open();
    await eventually(() => buildState(pull.uuid)).toBe('refused');
    const settings = `/apps/v3/applications/${application}/pull-request-settings/`;
    await call('PATCH', settings, { require_green: 'on', delete_branch: true });
    expect((await call('GET', settings)).json).toMatchObject({
      ...{ require_green: 'on', approve_first: false, merge_method: 'merge' },
    });
    expect((await call('POST', `${PULLS}${pull.uuid}/merge/`, {})).status).toBe(409);
    await call('PATCH', settings, { require_green: 'off', merge_method: 'rebase' });
    const merged = await call('POST', `${PULLS}${pull.uuid}/merge/`, {});
    expect(merged.json).toMatchObject({ state: 'merged', merged_sha: pull.head.sha });
    await eventually(() => server.git.history(repositoryUuid).head('topic')).toBeNull();
  });
});
