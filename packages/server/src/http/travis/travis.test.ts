import { Readable } from 'node:stream';
import {
  createRepository,
  createTravisClient,
  opensslEncrypt,
  type TestRepository,
  type TravisClient,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';

/*
 * What the `travis` command sends, request by request, against the whole server (spec/travis.md 15). No runner takes
 * part: the tests lease jobs themselves, so that they decide what a job says and how it ends.
 */

let server: HttpServer;
let travis: TravisClient;
let work: TestRepository;
/** The number of the repository. */
let id: number;
/** The slug of the repository. */
let slug: string;

type Json = Record<string, unknown>;

/** Whole ones, and less than the test takes at its longest: how many depends on the machine. */
const seconds = expect.toSatisfy(
  (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 420,
);

/** The part of an answer by that name; fails the test when the request was not answered well. */
async function part<T = Json>(name: string, path: string): Promise<T> {
  const { status, body, text } = await travis.get(path);
  expect(status, `${path}: ${text}`).toBe(200);
  return (body as Record<string, T>)[name] as T;
}

async function push(files: Record<string, string>, branch = 'main'): Promise<string> {
  const sha = await work.commit('Change the page\n\nAnd say why.', files);
  await work.push(gitUrl(), `HEAD:refs/heads/${branch}`);
  await lookedAt();
  return sha;
}

/** Waits until the newest push has its build, or a reason why it has none. */
async function lookedAt(): Promise<void> {
  const { id: pushId } = await server.store.db
    .selectFrom('pushes')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirstOrThrow();
  await server.ci.describePush([pushId]);
}

function gitUrl(): string {
  const url = new URL(`${server.url}/${slug}.git`);
  url.username = 'x';
  url.password = server.admin.token;
  return url.href;
}

/** Runs the job at the head of the queue to its end. */
async function runJob(verdict: 'passed' | 'failed', log = '') {
  const { runner } = server.ci;
  const leased = await runner.lease({ runner: 'test', isolates: true }, 5_000);
  if (leased === null) throw new Error('there is nothing to lease');
  const { payload, leaseToken } = leased;
  await runner.appendLog(payload.jobId, leaseToken, 0, Buffer.from(log));
  await runner.verdict(payload.jobId, leaseToken, verdict);
  const exitCode = verdict === 'passed' ? 0 : 1;
  await runner.finish(payload.jobId, leaseToken, { state: verdict, exitCode, reason: null });
  return payload;
}

const twoJobs = (page: string) => ({
  '.travis.yml': 'language: generic\nscript: true\nenv: [A=1, A=2]\n',
  page,
});

beforeAll(async () => {
  server = await startHttpServer();
  travis = createTravisClient(server.url, server.admin.token);
  const application = await server.client(server.admin.token).applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  const repository = await server.git.get(application.repository_uuid);
  id = repository?.id ?? 0;
  slug = repository?.slug ?? '';
  work = await createRepository();
});

afterAll(async () => {
  await server.stop();
  await work.remove();
});

describe('travis login, whoami, token', () => {
  test('connects before anything else', async () => {
    expect((await createTravisClient(server.url, null).head()).status).toBe(200);
    const { body } = await createTravisClient(server.url, null).get('config');
    const host = new URL(server.url).host;
    expect(body).toMatchObject({
      config: { host, github: { scopes: [] }, pusher: { key: '' }, notifications: [] },
    });
  });

  test('takes a token of this server for a GitHub token', async () => {
    const nobody = createTravisClient(server.url, null);
    const { body } = await nobody.send('POST', '/auth/github', {
      github_token: server.admin.token,
    });
    expect(body).toEqual({ access_token: server.admin.token });
    const wrong = await nobody.send('POST', '/auth/github', { github_token: 'ghp_nonsense' });
    expect(wrong.status).toBe(403);
  });

  test.each(['/users/', '/users'])('says at %s who one is', async (path) => {
    const user = await part('user', path);
    expect(user).toEqual({
      id: expect.any(Number),
      login: 'admin@example.com',
      name: expect.any(String),
      email: 'admin@example.com',
      gravatar_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      locale: 'en',
      is_syncing: false,
      synced_at: expect.stringMatching(/^\d{4}-.*Z$/),
      correct_scopes: true,
      channels: [`user-${user['id']}`],
    });
    // What the command does after a sync.
    expect(await part('user', `/users/${user['id']}`)).toEqual(user);
    expect((await travis.get('/users/12345')).status).toBe(404);
  });

  test('means 401 without and 403 with a wrong token', async () => {
    const missing = await createTravisClient(server.url, null).get('/users/');
    expect(missing.status).toBe(401);
    const wrong = await createTravisClient(server.url, `slc_${'0'.repeat(40)}`).get('/users/');
    expect(wrong.status).toBe(403);
    expect((await travis.get('/repos/nobody/nothing')).status).toBe(404);
  });

  test('regenerates and removes the token', async () => {
    const old = await server.tokenOf(server.admin.user);
    const v3 = { 'travis-api-version': '3' };
    const answer = await createTravisClient(server.url, old).send(
      ...(['PATCH', '/access_token', undefined, v3] as const),
    );
    const { token } = answer.body as { token: string };
    expect(token).toMatch(/^slc_/);
    expect((await createTravisClient(server.url, old).get('/users/')).status).toBe(403);
    const renewed = createTravisClient(server.url, token);
    expect((await renewed.get('/users/')).status).toBe(200);
    expect((await renewed.send('DELETE', '/access_token', undefined, v3)).status).toBe(204);
    expect((await renewed.get('/users/')).status).toBe(403);
  });
});

describe('travis enable, disable, repos, accounts, sync', () => {
  test('turns the switch by a form', async () => {
    const turn = (active: boolean) =>
      travis.send('PUT', '/hooks/', { 'hook[id]': String(id), 'hook[active]': String(active) });
    expect((await turn(true)).body).toEqual({ result: true });
    expect(await part('repo', `/repos/${slug}`)).toMatchObject({ active: true });
    expect((await turn(false)).body).toEqual({ result: true });
    expect(await part('repo', `/repos/${slug}`)).toMatchObject({ active: false });
    await turn(true);
    const odd = await travis.send('PUT', '/hooks/', {
      'hook[id]': String(id),
      'hook[active]': '?',
    });
    expect(odd.status).toBe(422);
  });

  test('knows a repository without a build by every key', async () => {
    const expected = {
      ...{ id, slug, active: true, private: true, admin: true, description: null },
      ...{ last_build_id: null, last_build_number: null, last_build_state: null },
      ...{ last_build_duration: null, last_build_started_at: null },
      ...{ last_build_finished_at: null, last_build_language: null, github_language: null },
    };
    expect(await part('repo', `/repos/${slug}`)).toEqual(expected);
    expect(await part('repo', `/repos/${id}`)).toEqual(expected);
    expect(await part('repos', `/repos/?ids%5B%5D=${id}&ids%5B%5D=99`)).toEqual([expected]);
    expect(await part('repos', '/repos/?owner_name=nobody')).toEqual([]);
  });

  test('lists hooks and permissions', async () => {
    const [owner, name] = slug.split('/');
    expect(await part('hooks', 'hooks')).toEqual([
      {
        ...{ id, name, owner_name: owner, description: null },
        ...{ active: true, private: true, admin: true },
      },
    ]);
    expect((await travis.get('/users/permissions')).body).toEqual({
      ...{ permissions: [id], admin: [id], push: [id], pull: [id] },
    });
  });

  test('lists accounts, and has nothing to sync', async () => {
    expect(await part('accounts', '/accounts/?all=true')).toMatchObject([
      { login: 'admin@example.com', type: 'user', subscribed: true },
      { login: slug.split('/')[0], type: 'organization', repos_count: 1 },
    ]);
    expect((await travis.send('POST', '/users/sync')).status).toBe(200);
  });
});

describe('travis encrypt, pubkey', () => {
  test('answers the key as PEM, and as version 3', async () => {
    const { body } = await travis.get(`/repos/${id}/key`);
    const { key, fingerprint } = body as { key: string; fingerprint: string };
    expect(key).toMatch(/^-----BEGIN (RSA )?PUBLIC KEY-----/);
    expect(fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const v3 = await travis.get(`/v3/repo/${encodeURIComponent(slug)}/key_pair/generated`, {
      'travis-api-version': '3',
    });
    expect(v3.body).toMatchObject({ '@type': 'key_pair', public_key: key, fingerprint });
  });

  // The three forms that `travis encrypt --add` leaves behind: the first value, a second, and an `env` that was a list.
  test.each([
    ['one value', (one: string) => `env:\n  global:\n    secure: ${one}\n`],
    [
      'two values',
      (one: string, two: string) => `env:\n  global:\n  - secure: ${one}\n  - secure: ${two}\n`,
    ],
    ['a list before', (one: string) => `env:\n  matrix:\n  - A=1\n  global:\n    secure: ${one}\n`],
  ])('makes values that reach the job: %s', async (name, yaml) => {
    const { key } = (await travis.get(`/repos/${id}/key`)).body as { key: string };
    const one = await opensslEncrypt(key, 'TOKEN="two words"');
    const two = await opensslEncrypt(key, 'OTHER=second-one');
    await push({ '.travis.yml': `language: generic\nscript: true\n${yaml(one, two)}`, page: name });
    const payload = await runJob('passed');
    const vars = payload.env.flatMap((group) => group.vars);
    expect(vars).toContainEqual({ text: 'TOKEN="two words"', secret: true });
    expect(vars.some(({ text }) => text === 'OTHER=second-one')).toBe(name === 'two values');
  });
});

describe('travis history, show, status, logs, branches, requests', () => {
  let buildId: number;
  let sha: string;
  let jobIds: number[];

  beforeAll(async () => {
    sha = await push(twoJobs('history'));
    await runJob('passed', 'first line\nTOKEN=[secure] ünï\n');
    await runJob('failed');
    const repo = await part('repo', `/repos/${slug}`);
    buildId = repo['last_build_id'] as number;
  });

  test('status: the repository says how its last build went', async () => {
    expect(await part('repo', `/repos/${slug}`)).toMatchObject({
      ...{ last_build_number: '4', last_build_state: 'failed', last_build_duration: seconds },
      last_build_started_at: expect.stringMatching(/Z$/),
      last_build_finished_at: expect.stringMatching(/Z$/),
      last_build_language: 'generic',
    });
  });

  test('show: a build by number, with its commit and jobs', async () => {
    const { body } = await travis.get(`/builds/?number=4&repository_id=${id}`);
    const { builds, commits, jobs } = body as { builds: Json[]; commits: Json[]; jobs: Json[] };
    jobIds = jobs.map((job) => job['id'] as number);
    expect(builds).toEqual([
      {
        ...{ id: buildId, repository_id: id, commit_id: buildId, number: '4', state: 'failed' },
        ...{ pull_request: false, pull_request_number: null, pull_request_title: null },
        config: expect.objectContaining({ language: 'generic' }),
        started_at: expect.stringMatching(/Z$/),
        finished_at: expect.stringMatching(/Z$/),
        ...{ duration: seconds, job_ids: jobIds },
      },
    ]);
    expect(commits).toEqual([
      {
        ...{ id: buildId, sha, branch: 'main', message: 'Change the page\n\nAnd say why.' },
        committed_at: expect.stringMatching(/Z$/),
        author_name: expect.any(String),
        author_email: expect.stringContaining('@'),
        committer_name: expect.any(String),
        committer_email: expect.stringContaining('@'),
        compare_url: `${server.url}/builds/${buildId}`,
      },
    ]);
    expect(jobs.map(({ number, state }) => `${number} ${state}`)).toEqual([
      ...['4.1 passed', '4.2 failed'],
    ]);
    const one = (await travis.get(`/builds/${buildId}`)).body;
    expect(one).toEqual({ build: builds[0], commit: commits[0], jobs });
  });

  test('show and logs ask for a name as if it were a number, and get nothing', async () => {
    expect(await part('builds', `/builds/?number=main&repository_id=${id}`)).toEqual([]);
    expect(await part('builds', `/builds/?number=999&repository_id=${id}`)).toEqual([]);
  });

  test('history: pages end with an empty list', async () => {
    const numbers = async (query: string) =>
      (await part<Json[]>('builds', `/builds/?repository_id=${id}${query}`)).map(
        (build) => build['number'],
      );
    expect(await numbers('')).toEqual(['4', '3', '2', '1']);
    expect(await numbers('&after_number=3')).toEqual(['2', '1']);
    expect(await numbers('&after_number=1')).toEqual([]);
  });

  test('logs: the job, then its log as JSON or as text', async () => {
    const [first = 0, second = 0] = jobIds;
    const { job, commit } = (await travis.get(`/jobs/${first}`)).body as Record<string, Json>;
    expect(job).toEqual({
      ...{ id: first, repository_id: id, build_id: buildId, commit_id: buildId, log_id: first },
      ...{ number: '4.1', state: 'passed', queue: 'builds.sluice', allow_failure: false },
      ...{ tags: null, annotation_ids: [], config: expect.any(Object) },
      started_at: expect.stringMatching(/Z$/),
      finished_at: expect.stringMatching(/Z$/),
    });
    expect(commit).toMatchObject({ id: buildId, sha });
    const body = 'first line\nTOKEN=[secure] ünï\n';
    const log = { id: first, job_id: first, type: 'Log', body };
    expect(await part('log', `/logs/${first}`)).toEqual(log);
    const chunked = 'application/json; chunked=true; version=2, application/json; version=2';
    const text = await travis.get(`jobs/${first}/log`, { accept: `${chunked}, text/plain` });
    expect(text.text).toBe(body);
    expect(text.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await travis.get(`jobs/${first}/log`, { accept: chunked })).body).toEqual({ log });
    expect(await part('log', `/logs/${second}`)).toMatchObject({ body: '' });
    const preloaded = await part<Json[]>('jobs', `/jobs/?ids%5B%5D=${first}&ids%5B%5D=${second}`);
    expect(preloaded).toHaveLength(2);
  });

  test('branches: the newest build of each, also of one with a slash', async () => {
    await push({ page: 'feature' }, 'feature/new-page');
    const { body } = await travis.get(`branches?repository_id=${id}`);
    const { branches, commits } = body as { branches: Json[]; commits: Json[] };
    expect(branches.map(({ number }) => number)).toEqual(['5', '4']);
    expect(commits.map(({ branch }) => branch)).toEqual(['feature/new-page', 'main']);
    const one = await travis.get(`/repos/${id}/branches/feature/new-page`);
    expect(one.body).toEqual({ branch: branches[0], commit: commits[0] });
    expect((await travis.get(`/repos/${id}/branches/nothing`)).status).toBe(404);
  });

  test('requests: every push, with the reason why it made no build', async () => {
    await work.commit('Say nothing [ci skip]', { page: 'skipped' });
    await work.push(gitUrl(), 'HEAD:refs/heads/main');
    await lookedAt();
    const { body } = await travis.get(`/requests/?repository_id=${id}`);
    const { requests, commits } = body as { requests: Json[]; commits: Json[] };
    expect(requests[0]).toMatchObject({
      ...{ event_type: 'push', result: 'rejected', branch: 'main', commit_id: null },
      message: 'The commit message asks to skip CI.',
    });
    expect(requests[1]).toMatchObject({ result: 'accepted', branch: 'feature/new-page' });
    expect(commits.some((commit) => commit['id'] === requests[1]?.['commit_id'])).toBe(true);
  });
});

describe('travis restart, cancel', () => {
  test('acts on builds and jobs, which then are what was asked for', async () => {
    const [build] = await part<Json[]>('builds', `/builds/?number=4&repository_id=${id}`);
    const [first = 0] = (build?.['job_ids'] ?? []) as number[];
    const state = async (path: string, name: string) => (await part(name, path))['state'];
    const post = async (path: string) => (await travis.send('POST', path)).status;
    expect(await post(`/builds/${build?.['id']}/restart`)).toBe(200);
    expect(await state(`/builds/${build?.['id']}`, 'build')).toBe('created');
    expect(await post(`/builds/${build?.['id']}/restart`)).toBe(409);
    expect(await post(`/jobs/${first}/cancel`)).toBe(200);
    expect(await state(`/jobs/${first}`, 'job')).toBe('canceled');
    expect(await post(`/builds/${build?.['id']}/cancel`)).toBe(200);
    expect(await state(`/builds/${build?.['id']}`, 'build')).toBe('canceled');
    expect(await post(`/jobs/${first}/restart`)).toBe(200);
    expect(await state(`/jobs/${first}`, 'job')).toBe('queued');
    expect(await post('/builds/9999/cancel')).toBe(404);
    await travis.send('POST', `/builds/${build?.['id']}/cancel`);
  });
});

describe('travis env', () => {
  const path = () => `/settings/env_vars/?repository_id=${id}`;
  const set = (env_var: Json) => travis.send('POST', path(), JSON.stringify({ env_var }));

  test('sets, lists, changes and unsets, by JSON that calls itself a form', async () => {
    const made = await set({ public: false, name: 'TOKEN', value: 'hidden-value&a=b' });
    const { env_var } = made.body as { env_var: Json };
    const uuid = env_var['id'] as string;
    const hidden = { name: 'TOKEN', value: null, public: false, branch: null, repository_id: id };
    expect(env_var).toEqual({ id: uuid, ...hidden });
    await set({ name: 'SHOWN', value: 'two\\ words', public: true });
    expect(await part('env_vars', path())).toMatchObject([
      { name: 'SHOWN', value: 'two\\ words', public: true },
      { id: uuid, ...hidden },
    ]);
    const one = `/settings/env_vars/${uuid}?repository_id=${id}`;
    const change = (fields: Json) => travis.send('PATCH', one, JSON.stringify({ env_var: fields }));
    expect((await change({ public: true })).status).toBe(422);
    expect((await change({ value: 'other' })).body).toMatchObject({ env_var: hidden });
    expect((await change({ value: 'open', public: true })).body).toMatchObject({
      ...{ env_var: { id: uuid, value: 'open', public: true } },
    });
    expect((await set({ name: '1X', value: '1' })).status).toBe(422);
    expect((await set({ name: 'NO_VALUE' })).status).toBe(422);
    expect((await travis.send('POST', path(), '{"env_var": ')).status).toBe(422);
    expect((await travis.send('DELETE', one)).status).toBe(200);
    expect((await travis.send('DELETE', one)).status).toBe(404);
    expect(await part('env_vars', path())).toHaveLength(1);
  });

  test('reaches the jobs of the branch it is for', async () => {
    await set({ name: 'SHOWN', value: 'on-main', public: true, branch: 'main' });
    await push({ '.travis.yml': 'language: generic\nscript: true\n', page: 'env' });
    let payload = await runJob('passed');
    while (payload.build.branch !== 'main') payload = await runJob('passed');
    expect(payload.env[0]?.vars).toEqual([{ text: 'SHOWN=on-main', secret: false }]);
  });
});

describe('travis settings, cache, lint', () => {
  test('shows and changes settings', async () => {
    const defaults = {
      ...{ builds_only_with_travis_yml: true, build_pushes: true, build_pull_requests: true },
      ...{ maximum_number_of_builds: 0, auto_cancel_pushes: false },
      auto_cancel_pull_requests: false,
    };
    expect(await part('settings', `/repos/${id}/settings`)).toEqual(defaults);
    const save = (settings: Json) =>
      travis.send('PATCH', `/repos/${id}/settings`, JSON.stringify({ settings }));
    const changed = { ...defaults, maximum_number_of_builds: 3, auto_cancel_pushes: true };
    // `--set 3` sends a text.
    const sent = { ...changed, maximum_number_of_builds: '3' };
    expect((await save(sent)).body).toEqual({ settings: changed });
    expect(await part('settings', `/repos/${id}/settings`)).toEqual(changed);
    expect((await save({ builds_only_with_travis_yml: false })).status).toBe(422);
    expect((await save(defaults)).body).toEqual({ settings: defaults });
  });

  test('lists caches, and deletes those of a branch or a name', async () => {
    await push({ page: 'caches' });
    const leased = await server.ci.runner.lease({ runner: 'test', isolates: true }, 5_000);
    if (leased === null) throw new Error('there is nothing to lease');
    for (const cache of ['linux-node-22', 'linux-node-24', 'osx-node-24']) {
      const { payload, leaseToken } = leased;
      const body = Readable.from([Buffer.from(cache)]);
      await server.ci.runner.caches.store(payload.jobId, leaseToken, cache, body);
    }
    const path = `/repos/${id}/caches`;
    const slugs = async (query = '') =>
      (await part<Json[]>('caches', `${path}${query}`)).map((cache) => cache['slug']);
    expect(await part<Json[]>('caches', `${path}?match=22`)).toEqual([
      {
        ...{ repository_id: id, branch: 'main', slug: 'linux-node-22', size: 13 },
        last_modified: expect.stringMatching(/Z$/),
      },
    ]);
    expect(await slugs('?branch=other')).toEqual([]);
    const gone = await travis.send('DELETE', `${path}?branch=main&match=node-24`);
    expect((gone.body as { caches: Json[] }).caches).toHaveLength(2);
    expect(await slugs()).toEqual(['linux-node-22']);
    expect((await travis.send('DELETE', path)).status).toBe(200);
    expect(await slugs()).toEqual([]);
  });

  test('lints a file for anybody', async () => {
    const lint = async (content: string) => {
      const answer = await createTravisClient(server.url, null).send('POST', '/lint', { content });
      return (answer.body as { lint: { warnings: { key: string[]; message: string }[] } }).lint
        .warnings;
    };
    expect(await lint('language: ruby\nscript: rake & echo a=b+c\n')).toEqual([]);
    expect(await lint('language: ruby\nfoo: bar\n')).toMatchObject([
      { message: expect.stringContaining('line 2') },
    ]);
    expect(await lint('a: [')).toMatchObject([{ key: [], message: expect.any(String) }]);
  });
});

describe('somebody else', () => {
  test('learns nothing and changes nothing', async () => {
    const user = await server.accounts.createUser(
      { email: 'other@example.com', password: null },
      null,
      'test',
    );
    const other = createTravisClient(server.url, await server.tokenOf(user));
    expect((await other.get('/repos/')).body).toEqual({ repos: [] });
    expect((await other.get('/hooks')).body).toEqual({ hooks: [] });
    expect((await other.get('/jobs/?ids[]=1')).body).toEqual({ jobs: [], commits: [] });
    for (const path of [
      ...[`/repos/${slug}`, `/repos/${id}`, `/repos/${id}/key`, `/repos/${id}/settings`],
      ...[`/builds/?repository_id=${id}`, '/builds/1', '/jobs/1', '/logs/1', '/jobs/1/log'],
      ...[`/settings/env_vars/?repository_id=${id}`, `/branches?repository_id=${id}`],
      ...[`/requests/?repository_id=${id}`, `/repos/${id}/caches`, `/repos/${id}/branches/main`],
    ]) {
      expect((await other.get(path)).status, path).toBe(404);
    }
    const hook = { 'hook[id]': String(id), 'hook[active]': 'false' };
    expect((await other.send('PUT', '/hooks/', hook)).status).toBe(404);
    expect((await other.send('POST', '/builds/1/cancel')).status).toBe(404);
    expect(await part('repo', `/repos/${id}`)).toMatchObject({ active: true });
  });

  test('who may only read is told so, not that the token is bad', async () => {
    const user = await server.accounts.createUser(
      { email: 'reader@example.com', password: null },
      { organisationUuid: server.organisationUuid, role: 'deployer' },
      'test',
    );
    const reader = createTravisClient(server.url, await server.tokenOf(user));
    const { repo } = (await reader.get(`/repos/${slug}`)).body as { repo: Json };
    expect(repo).toMatchObject({ id, admin: false });
    const refused = await reader.send('POST', '/builds/1/restart');
    expect(refused).toMatchObject({ status: 404, body: { error_type: 'forbidden' } });
  });
});
