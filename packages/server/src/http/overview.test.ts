import type {
  Application,
  ApplicationLine,
  CommitFates,
  EnvironmentLine,
  Overview,
  SearchHit,
} from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';

let server: HttpServer;
let work: TestRepository;
let application: Application;

beforeAll(async () => {
  server = await startHttpServer();
  work = await createRepository();
  application = await client().applications.create({
    ...{ name: 'Shop Window', organisation: server.organisationUuid },
  });
});
afterAll(async () => {
  await work.remove();
  await server.stop();
});

const client = (token = server.admin.token) => server.client(token);

async function push(message: string, files: Record<string, string>): Promise<string> {
  const sha = await work.commit(message, files);
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href, 'HEAD:refs/heads/main');
  await built(sha);
  return sha;
}

/** A push does not wait for its build on a busy machine: this does. */
async function built(sha: string): Promise<void> {
  const rows = () =>
    server.store.db.selectFrom('commit_tests').select('sha').where('sha', '=', sha).execute();
  while ((await rows()).length === 0) await new Promise((done) => setTimeout(done, 50));
}

const settle = (deploymentUuid: string, at: string | null) =>
  server.store.db
    .updateTable('releases')
    .set({ live_at: at })
    .where('deployment_uuid', '=', deploymentUuid)
    .execute();

async function line(): Promise<ApplicationLine> {
  const { applications } = await client().send<Overview>('GET', '/apps/v3/overview/', {
    query: { application: application.uuid },
  });
  const [found] = applications;
  if (found === undefined) throw new Error('the application is missing');
  return found;
}

async function environment(slug: string): Promise<EnvironmentLine> {
  const found = (await line()).environments.find((one) => one.slug === slug);
  if (found === undefined) throw new Error(`no environment ${slug}`);
  return found;
}

const commits = (query: Record<string, string> = {}) =>
  client().send<CommitFates>('GET', `/apps/v3/applications/${application.uuid}/commits/`, {
    query,
  });

const search = async (q: string, token?: string): Promise<SearchHit[]> =>
  (await client(token).send<{ hits: SearchHit[] }>('GET', '/apps/v3/search/', { query: { q } }))
    .hits;

/** What the CI writes when a build of this commit passed. */
const pass = (sha: string) =>
  server.store.db
    .updateTable('commit_tests')
    .set({ state: 'passed' })
    .where('sha', '=', sha)
    .execute();

test('an application without a commit says what is missing', async () => {
  expect(await line()).toMatchObject({
    ...{ slug: 'shop-window', ci_active: true, builds: [] },
    environments: [
      { slug: 'test', live: null, health: 'none', moving: null, last_failure: null, hold: null },
      { slug: 'live', summary: 'no branch main yet: push one' },
    ],
  });
  expect(await commits()).toEqual({ branch: 'main', branches: [], commits: [], next: null });
});

test('tells what is live, what waits and why, from the first push to a hold', async () => {
  const first = await push('Open the shop', {
    'index.html': 'one',
    '.travis.yml': 'language: generic\nscript: echo tested\n',
  });
  const [build] = (await line()).builds;
  expect(build).toMatchObject({ sha: first, branch: 'main', number: 1 });
  expect((await environment('test')).summary).toBe(
    'nothing is live: the newest commit of main is being tested',
  );
  await pass(first);
  expect((await environment('test')).summary).toBe(
    'nothing is live: 1 newer passed commit is not deployed: nobody asked for it',
  );

  const test = await environment('test');
  const deployment = await client().deployments.create({ environment: test.uuid, wait: 60 });
  expect(deployment.status).toBe('SUCCEEDED');
  const live = await environment('test');
  expect(live).toMatchObject({
    health: 'serving',
    summary: 'live = newest passed commit of main',
    live: { deployment: deployment.uuid, commit: { sha: first, subject: 'Open the shop' } },
  });
  expect(Date.parse(live.live?.since ?? '')).toBeGreaterThan(Date.now() - 60_000);
  // As between the switch and the bookkeeping after it: there was a page that broke on a time that is none.
  await settle(deployment.uuid, null);
  const { live: unsettled } = await environment('test');
  expect(Date.parse(unsettled?.since ?? '')).toBeGreaterThan(Date.now() - 60_000);
  await settle(deployment.uuid, new Date().toISOString());

  const second = await push('Break the window', { Procfile: 'web: false\n' });
  await pass(second);
  const failed = await client().deployments.create({ environment: test.uuid, wait: 60 });
  expect(failed.status).toBe('FAILED');
  const broken = await environment('test');
  expect(broken.live?.commit.sha).toBe(first);
  expect(broken.health).toBe('serving');
  expect(broken.last_failure).toMatchObject({ uuid: failed.uuid, reason: failed.reason });
  expect(broken.summary).toBe(
    `newest passed commit ${second.slice(0, 7)} failed to deploy: ${failed.reason}`,
  );

  const { branch, branches, commits: fates, next } = await commits();
  expect({ branch, branches, next }).toEqual({ branch: 'main', branches: ['main'], next: null });
  expect(fates.map(({ subject, environments }) => [subject, environments])).toEqual([
    [
      'Break the window',
      [
        {
          slug: 'test',
          state: 'deploy_failed',
          reason: failed.reason,
          deployment: failed.uuid,
        },
        expect.objectContaining({ slug: 'live', state: 'not_signalled' }),
      ],
    ],
    [
      'Open the shop',
      [
        expect.objectContaining({ slug: 'test', state: 'live', deployment: deployment.uuid }),
        expect.objectContaining({ slug: 'live', state: 'not_signalled' }),
      ],
    ],
  ]);
  for (const fate of fates) {
    const why = await client().why(fate.sha, application.uuid);
    expect(fate.environments).toEqual(
      why.environments.map(({ slug, state, reason, deployment: of }) => ({
        ...{ slug, state, reason, deployment: of },
      })),
    );
  }

  await client().environments.rollback(test.uuid, {
    deployment: deployment.uuid,
    reason: 'broken',
  });
  const held = await environment('test');
  expect(held.hold).toMatchObject({ by: 'admin@example.com', reason: 'broken' });
  expect(held.summary).toMatch(/^held since .* UTC by admin@example.com: broken; 1 newer passed/);
});

test('leafs through many commits without asking git for them again', async () => {
  for (let one = 0; one < 60; one += 1) await work.commit(`step ${one}`, { 'step.txt': `${one}` });
  const head = await push('the last step', { 'step.txt': 'last' });
  const first = await commits();
  expect(first.commits.length).toBe(50);
  expect(first.commits[0]?.sha).toBe(head);
  expect(first.next).toBe(first.commits[49]?.sha);
  const second = await commits({ after: first.next ?? '' });
  expect(second.next).toBeNull();
  const subjects = [...first.commits, ...second.commits].map(({ subject }) => subject);
  expect(subjects.length).toBe(63);
  expect(new Set(subjects).size).toBe(63);
  await expect(commits({ branch: 'nowhere' })).rejects.toMatchObject({ status: 400 });
  await expect(commits({ after: 'f'.repeat(40) })).rejects.toMatchObject({ status: 400 });
});

test('finds what one may see, by name, number, branch, message and hash', async () => {
  const { builds } = await line();
  const [newest] = builds;
  const [app] = await search('window');
  const base = `/applications/${application.id}-shop-window`;
  expect(app).toEqual({
    ...{ kind: 'application', title: 'Shop Window', detail: `application ${application.id}` },
    path: base,
  });
  const kinds = async (q: string) => (await search(q)).map(({ kind, path }) => `${kind} ${path}`);
  expect(await kinds('live')).toContain(`environment ${base}/environments/live`);
  expect(await kinds('#1')).toContain('build /builds/1');
  expect(await kinds('break the')).toEqual(['build /builds/2']);
  const sha = newest?.sha ?? '';
  expect(await kinds(sha.slice(0, 8))).toContain(`commit ${base}/commits/${sha}`);
  expect(await search('%')).toEqual([]);
  expect(await search('')).toEqual([]);

  const stranger = await server.accounts.createUser(
    { email: 'stranger@example.com', password: null },
    null,
    'test',
  );
  const token = await server.tokenOf(stranger);
  expect(await search('window', token)).toEqual([]);
  expect(await client(token).send<Overview>('GET', '/apps/v3/overview/')).toEqual({
    applications: [],
  });
});
