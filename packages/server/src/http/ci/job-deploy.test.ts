import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from '@sluice/contract';
import { connect, createHostExecutor, createRunner, type Runner } from '@sluice/runner';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';

let server: HttpServer;
let application: Application;
let work: TestRepository;
let runner: Runner | null = null;

beforeAll(async () => {
  server = await startHttpServer();
  work = await createRepository();
  application = await client().applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  await server.store.transaction((trx) =>
    server.git.update(trx, application.repository_uuid, { ciEnabled: true }),
  );
});
afterEach(async () => {
  await runner?.kill();
  runner = null;
});
afterAll(async () => {
  await work.remove();
  await server.stop();
});

const client = () => server.client(server.admin.token);

async function push(yaml: string, branch = 'main'): Promise<string> {
  const sha = await work.commit('Change', {
    '.travis.yml': `language: generic\n${yaml}`,
    'index.html': `page of ${Date.now()}`,
  });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href, `+HEAD:refs/heads/${branch}`);
  return sha;
}

const connection = () => connect({ socketPath: join(server.dataDir, 'run', 'internal.sock') });

async function startRunner(): Promise<void> {
  const executor = await createHostExecutor({
    workDir: join(tmpdir(), `sluice-job-deploy-${process.pid}`),
    home: homedir(),
    machineEnvironment: process.env,
    hidden: [server.dataDir],
  });
  runner = createRunner({ connection: connection(), executor, name: 'test' });
  runner.start();
}

/** The build of a commit, once it has ended. */
async function ended(sha: string) {
  for (;;) {
    const woken = server.store.events.wait('queue', 200);
    const { builds } = await server.ci.builds.list(
      { repositoryUuids: [application.repository_uuid], sha },
      { limit: 1, offset: 0 },
    );
    const [build] = builds;
    if (build && ['passed', 'failed', 'errored', 'canceled'].includes(build.state)) {
      const detail = await server.ci.builds.get(build.id);
      const log = await server.ci.jobs.logBytes(detail?.jobs[0]?.id ?? 0, 0);
      return { build, log: log.toString() };
    }
    await woken;
  }
}

const LEASE = { runner: 'by-hand', executor: 'host', isolates: true, waitSeconds: 5 };

async function passedJob() {
  const lease = await connection().lease(LEASE);
  if (lease === null) throw new Error('nothing to lease');
  const { leaseToken, payload } = lease.job;
  await connection().verdict(payload.jobId, leaseToken, 'passed');
  const deploy = (application: string | null, environment: string) =>
    connection().deploy(payload.jobId, leaseToken, { application, environment });
  const finish = () =>
    connection().finish(payload.jobId, { leaseToken, state: 'passed', exitCode: 0, reason: null });
  return { jobId: payload.jobId, deploy, finish };
}

test('provider sluice deploys the very commit that was tested, without a token in the file', async () => {
  await startRunner();
  const sha = await push(
    `script: 'true'
before_deploy: echo ran:before
after_deploy: echo ran:after
deploy: {provider: sluice, app: ${application.slug}, environment: test, wait: true}
`,
  );
  const later = await push('script: sleep 1\n', 'other');
  const { build, log } = await ended(sha);
  expect(log).toMatch(new RegExp(`Deployment [0-9a-f-]+ of ${sha.slice(0, 12)} to shop`));
  expect(build.state).toBe('passed');
  expect(log).toContain('The job does not wait for the deployment');
  const order = [/^ran:before/m, /^Deployment /m, /^ran:after/m].map((line) => log.search(line));
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  expect(order).not.toContain(-1);
  expect(log).not.toMatch(/sl[cj]_\w/);
  const { results } = await client().deployments.list({ application: application.uuid });
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ commit: sha, requested_by: expect.stringMatching(/^job-/) });
  await ended(later);
}, 60_000);

test('a refusal is said in the log, and the job errors although its test passed', async () => {
  await startRunner();
  const sha = await push("script: 'true'\ndeploy: {provider: sluice, environment: nowhere}\n");
  const { build, log } = await ended(sha);
  expect(log).toContain('has no environment nowhere. There are: test, live.');
  expect(build).toMatchObject({ state: 'errored', verdict: 'passed' });
  const test = await server.store.db
    .selectFrom('commit_tests')
    .select('state')
    .where('sha', '=', sha)
    .executeTakeFirst();
  expect(test?.state).toBe('passed');
}, 60_000);

test('a lease deploys its own commit to its own application only, and after a passed test', async () => {
  const other = await client().applications.create({
    ...{ name: 'Other', organisation: server.organisationUuid },
  });
  const sha = await push("script: 'true'\n");
  const lease = await connection().lease(LEASE);
  const { leaseToken, payload } = lease?.job ?? { leaseToken: '', payload: { jobId: 0 } };
  const early = await connection().deploy(payload.jobId, leaseToken, {
    ...{ application: null, environment: 'test' },
  });
  expect(early).toMatchObject({ accepted: false, message: expect.stringContaining('not passed') });
  await connection().verdict(payload.jobId, leaseToken, 'passed');
  for (const name of [other.slug, other.uuid, String(other.id), 'no-such']) {
    const wanted = { application: name, environment: 'test' };
    expect(await connection().deploy(payload.jobId, leaseToken, wanted)).toMatchObject({
      ...{ accepted: false, message: expect.stringContaining('no application') },
    });
  }
  const wanted = { application: application.uuid, environment: 'test' };
  const [first, again] = [
    await connection().deploy(payload.jobId, leaseToken, wanted),
    await connection().deploy(payload.jobId, leaseToken, wanted),
  ];
  expect(first).toMatchObject({
    accepted: true,
    message: expect.stringContaining(sha.slice(0, 12)),
  });
  expect(again.message.slice(0, 47)).toBe(first.message.slice(0, 47));
  await expect(connection().deploy(payload.jobId, 'wrong', wanted)).rejects.toMatchObject({
    kind: 'lost',
  });
  const ending = { leaseToken, state: 'passed' as const, exitCode: 0, reason: null };
  await connection().finish(payload.jobId, ending);
  await expect(connection().deploy(payload.jobId, leaseToken, wanted)).rejects.toMatchObject({
    kind: 'lost',
  });
}, 60_000);

test.each([
  ['a build that is not trusted', { trusted: 0 }, 'not trusted'],
  ['a pull request', { event: 'pull_request' }, 'pull request'],
])('%s deploys nothing, whatever its runner asks', async (_, change, words) => {
  await push("script: 'true'\ndeploy: {provider: sluice}\n");
  const job = await passedJob();
  await server.store.db
    .updateTable('builds')
    .set(change)
    .where('id', 'in', (query) =>
      query.selectFrom('jobs').select('build_id').where('id', '=', job.jobId),
    )
    .execute();
  const before = await client().deployments.list({ application: application.uuid });
  expect(await job.deploy(null, 'test')).toMatchObject({
    accepted: false,
    message: expect.stringContaining(words),
  });
  const after = await client().deployments.list({ application: application.uuid });
  expect(after.count).toBe(before.count);
  await job.finish();
});
