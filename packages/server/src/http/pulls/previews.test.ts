import type { PullRequest } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';
import { rawRequest } from '../../../test/raw-request.ts';

/** With real environments and deployments; builds get their verdicts from here. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 120_000 });
const RUNNER = { runner: 'test', isolates: true };
const DAY_MS = 24 * 60 * 60_000;

let server: HttpServer;
let application: string;
let live: string;
let url: string;
let work: TestRepository;

beforeAll(async () => {
  server = await startHttpServer();
  const client = server.client(server.admin.token);
  const made = await client.applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  application = made.uuid;
  const { results } = await client.environments.list({ application });
  live = results.find(({ slug }) => slug === 'live')?.uuid ?? '';
  await client.repositories.update(made.repository_uuid, { active: true });
  await client.variables.create({ environment: live, name: 'SECRET', value: 'of live' });
  const remote = new URL(made.git_url);
  remote.username = 'x';
  remote.password = server.admin.token;
  url = remote.href;
  work = await createRepository();
  await work.commit('base', {
    '.travis.yml': 'language: generic\nscript: true\n',
    'index.html': 'base\n',
  });
  await work.push(url, 'main');
  await drain();
});
afterAll(async () => {
  await server?.stop();
  await work?.remove();
});

async function drain(): Promise<void> {
  for (;;) {
    const leased = await server.ci.runner.lease(RUNNER, 500);
    if (leased === null) return;
    const { payload, leaseToken } = leased;
    await server.ci.runner.verdict(payload.jobId, leaseToken, 'passed');
    const ending = { state: 'passed', exitCode: 0, reason: null } as const;
    await server.ci.runner.finish(payload.jobId, leaseToken, ending);
  }
}

async function call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await rawRequest(server.url, `/apps/v3/${path}`, {
    method,
    headers: {
      authorization: `Token ${server.admin.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json as Record<string, unknown>;
}

const settings = (body: object) =>
  call('PATCH', `applications/${application}/pull-request-settings/`, body);

async function open(branch: string): Promise<string> {
  await work.git('checkout', '-q', '-B', branch, 'main');
  await work.commit(branch, { 'index.html': `${branch}\n` });
  await work.push(url, branch);
  const pull = await call('POST', 'pull-requests/', { application, head: branch });
  await drain();
  return String(pull['uuid']);
}

const previewOf = async (uuid: string) =>
  ((await call('GET', `pull-requests/${uuid}/`)) as unknown as PullRequest).preview;
const remarks = async (uuid: string) =>
  JSON.stringify((await call('GET', `pull-requests/${uuid}/comments/`))['comments']);
const age = (environment: string, days: number) =>
  server.store.db
    .updateTable('previews')
    .set({ updated_at: new Date(Date.now() - days * DAY_MS).toISOString() })
    .where('environment_uuid', '=', environment)
    .execute();
const variablesOf = async (environment: string) => {
  const { variables } = await server.applications.variables.list({
    environmentUuids: [environment],
  });
  return variables.map(({ name, value }) => [name, value]);
};

it('makes one when the build passed, within the limit, and takes it away again', async () => {
  const first = await open('first');
  expect(await previewOf(first)).toBeNull();
  await call('PUT', `applications/${application}/preview-variables/DATABASE/`, { value: 'own' });
  await settings({ previews: true, preview_limit: 1 });
  await eventually(() => previewOf(first)).not.toBeNull();
  const shown = await previewOf(first);
  expect(shown).toMatchObject({ slug: 'pr-1', url: expect.stringContaining('//pr-1-shop.') });
  const environment = shown?.environment ?? '';
  expect(await variablesOf(environment)).toEqual([['DATABASE', 'own']]);
  const head = await work.sha('first');
  await eventually(async () => {
    const { deployments } = await server.deploy.list({
      environmentUuids: [environment],
      offset: 0,
      limit: 5,
    });
    return deployments.map(({ sha, status }) => [sha, status]);
  }).toEqual([[head, 'SUCCEEDED']]);

  // Its branch is still its author's.
  await work.git('checkout', '-q', 'first');
  await work.git('commit', '-q', '--amend', '-m', 'first, amended');
  expect((await work.tryGit('push', '-q', '--force', url, 'first')).status).toBe(0);
  await drain();

  const second = await open('second');
  await eventually(() => remarks(second)).toContain('No preview: the application has 1 already');
  expect(await previewOf(second)).toBeNull();
  await age(environment, 2);
  await settings({ preview_days: 10 });
  await eventually(() => previewOf(second)).toMatchObject({ slug: 'pr-2' });
  expect(await previewOf(first)).toBeNull();
  await eventually(() => remarks(first)).toContain('made room for that of #2');

  const other = (await previewOf(second))?.environment ?? '';
  await call('PUT', `applications/${application}/preview-variables/MORE/`, {
    ...{ value: 'hidden', is_sensitive: true },
  });
  expect(await variablesOf(other)).toEqual([
    ['DATABASE', 'own'],
    ['MORE', null],
  ]);
  const listed = await call('DELETE', `applications/${application}/preview-variables/DATABASE/`);
  expect(listed['variables']).toEqual([{ name: 'MORE', value: null, is_sensitive: true }]);
  expect(await variablesOf(other)).toEqual([['MORE', null]]);

  // Its own deployment may still be under way, after which it is of today again.
  await eventually(async () => {
    await age(other, 11);
    await settings({ preview_days: 10 });
    return previewOf(second);
  }).toBeNull();
  await eventually(() => remarks(second)).toContain('after 10 days without a push');
  const { results } = await server.client(server.admin.token).environments.list({ application });
  expect(results.map(({ slug }) => slug)).toEqual(['test', 'live']);
  // Not before somebody pushes.
  await settings({ preview_days: 11 });
  await new Promise((done) => setTimeout(done, 1_500));
  expect(await previewOf(second)).toBeNull();
  await work.git('checkout', '-q', 'second');
  await work.commit('again', { 'index.html': 'again\n' });
  await work.push(url, 'second');
  await drain();
  await eventually(() => previewOf(second)).toMatchObject({ slug: 'pr-2' });
  await call('PATCH', `pull-requests/${second}/`, { state: 'closed' });
  await eventually(() => previewOf(second)).toBeNull();
});

it('tells the author of a merge that a later one carried it live', async () => {
  await settings({ previews: false, require_green: 'off' });
  const early = await open('early');
  await call('POST', `pull-requests/${early}/merge/`, { method: 'squash' });
  await work.git('fetch', '-q', url, 'main:refs/heads/main');
  const late = await open('late');
  await call('POST', `pull-requests/${late}/merge/`, { method: 'squash' });
  await drain();
  const merged = async (uuid: string) =>
    String((await call('GET', `pull-requests/${uuid}/`))['merged_sha']);
  const [first, second] = [await merged(early), await merged(late)];
  const client = server.client(server.admin.token);
  await client.deployments.create({ environment: live, commit: second });
  const carried = `of ${second.slice(0, 10)}, which carries ${first.slice(0, 10)}`;
  await eventually(() => remarks(early)).toContain(carried);
  await eventually(() => remarks(late)).toContain('Live in live with deployment');
  expect(await remarks(late)).not.toContain('which carries');
});
