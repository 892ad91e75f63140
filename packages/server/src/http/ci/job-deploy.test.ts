import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ApplicationKit, createApplicationKit } from './test/application-kit.ts';

let kit: ApplicationKit;
beforeAll(async () => {
  kit = await createApplicationKit();
});
afterEach(() => kit.killRunner());
afterAll(() => kit.stop());

const client = () => kit.server.client(kit.server.admin.token);
const connection = () => kit.connection();

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
  await kit.startRunner();
  const sha = await kit.push(
    `script: 'true'
before_deploy: echo ran:before
after_deploy: echo ran:after
deploy: {provider: sluice, app: ${kit.application.slug}, environment: test, wait: true}
`,
  );
  const later = await kit.push('script: sleep 1\n', { branch: 'other' });
  const { build, log } = await kit.ended(sha);
  expect(log).toMatch(new RegExp(`Deployment [0-9a-f-]+ of ${sha.slice(0, 12)} to shop`));
  expect(build.state).toBe('passed');
  expect(log).toContain('The job does not wait for the deployment');
  const order = [/^ran:before/m, /^Deployment /m, /^ran:after/m].map((line) => log.search(line));
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  expect(order).not.toContain(-1);
  expect(log).not.toMatch(/sl[cj]_\w/);
  const { results } = await client().deployments.list({ application: kit.application.uuid });
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ commit: sha, requested_by: expect.stringMatching(/^job-/) });
  await kit.ended(later);
}, 60_000);

test('a refusal is said in the log, and the job errors although its test passed', async () => {
  await kit.startRunner();
  const sha = await kit.push("script: 'true'\ndeploy: {provider: sluice, environment: nowhere}\n");
  const { build, log } = await kit.ended(sha);
  expect(log).toContain('has no environment nowhere. There are: test, live.');
  expect(build).toMatchObject({ state: 'errored', verdict: 'passed' });
  const test = await kit.server.store.db
    .selectFrom('commit_tests')
    .select('state')
    .where('sha', '=', sha)
    .executeTakeFirst();
  expect(test?.state).toBe('passed');
}, 60_000);

test('a lease deploys its own commit to its own application only, and after a passed test', async () => {
  const other = await client().applications.create({
    ...{ name: 'Other', organisation: kit.server.organisationUuid },
  });
  const sha = await kit.push("script: 'true'\n");
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
  const wanted = { application: kit.application.uuid, environment: 'test' };
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
  await kit.push("script: 'true'\ndeploy: {provider: sluice}\n");
  const job = await passedJob();
  await kit.server.store.db
    .updateTable('builds')
    .set(change)
    .where('id', 'in', (query) =>
      query.selectFrom('jobs').select('build_id').where('id', '=', job.jobId),
    )
    .execute();
  const before = await client().deployments.list({ application: kit.application.uuid });
  expect(await job.deploy(null, 'test')).toMatchObject({
    accepted: false,
    message: expect.stringContaining(words),
  });
  const after = await client().deployments.list({ application: kit.application.uuid });
  expect(after.count).toBe(before.count);
  await job.finish();
});
