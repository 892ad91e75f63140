import type { Deployment, Insights } from '@sluice/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApplicationKit, createApplicationKit } from './ci/test/application-kit.ts';

let kit: ApplicationKit;
let environment: string;
beforeAll(async () => {
  kit = await createApplicationKit();
  const { results } = await client().environments.list({ application: kit.application.uuid });
  environment = results.find(({ slug }) => slug === 'live')?.uuid ?? '';
  await kit.startRunner();
});
afterAll(() => kit.stop());

const client = () => kit.server.client(kit.server.admin.token);
const insights = (query = '') =>
  client().send<Insights>('GET', `/apps/v3/applications/${kit.application.uuid}/insights/${query}`);
const deploy = (commit: string): Promise<Deployment> =>
  client().deployments.create({ environment, commit, wait: 60 });
const job = (script: string) => `jobs:
  include:
    - name: weather
      script: ${script}
`;
const ended = async (uuid: string): Promise<string> => {
  for (;;) {
    const { ended_at, status } = await client().deployments.get(uuid);
    if (ended_at !== null) return status;
    await kit.server.store.events.wait('queue', 100);
  }
};

test('an application without anything has empty figures, not broken ones', async () => {
  const empty = await insights('?days=7');
  expect(empty).toMatchObject({
    ...{ days: 7, environment: 'live', environments: ['test', 'live'] },
    deployment_frequency: { total: 0, per_day: 0 },
    lead_time: { median: null, p90: null, count: 0 },
    change_failure_rate: { rate: null, failures: 0, changes: 0 },
    time_to_restore: { median: null, open_since: null },
    ...{ builds: [], flaky_jobs: [] },
  });
  expect(empty.deployment_frequency.series).toHaveLength(7);
  expect(empty.deployment_frequency.series.at(-1)?.date).toBe(empty.to);
});

test('push, pass, fail, roll back and resume are told by the figures', async () => {
  // A job that depends on the weather, which changes between two runs of one commit.
  const weather = await kit.server.settingsVariables.create(kit.application.repository_uuid, {
    ...{ name: 'WEATHER', value: 'foul', isPublic: true },
  });
  const first = await kit.push(job('test "$WEATHER" = fine'));
  expect((await kit.ended(first)).build.state).toBe('failed');
  await kit.server.settingsVariables.update(kit.application.repository_uuid, weather.uuid, {
    value: 'fine',
  });
  const { results } = await client().builds.list({ application: kit.application.uuid });
  await client().builds.restart(results[0]?.id ?? 0);
  expect((await kit.ended(first)).build.state).toBe('passed');
  expect((await deploy(first)).status).toBe('SUCCEEDED');

  await client().applications.update(kit.application.uuid, {
    release_commands: [{ label: 'broken', command: 'false' }],
  });
  const second = await kit.push(job('true'));
  await kit.ended(second);
  expect((await deploy(second)).status).toBe('FAILED');
  const broken = await insights();
  expect(broken.change_failure_rate).toMatchObject({ failures: 1, changes: 2, rate: 0.5 });
  expect(broken.time_to_restore.open_since).not.toBeNull();

  await client().applications.update(kit.application.uuid, { release_commands: [] });
  expect((await deploy(second)).status).toBe('SUCCEEDED');
  const back = await client().environments.rollback(environment, { reason: 'it is bad' });
  await ended(back.uuid);
  const third = await kit.push(job('true'));
  await kit.ended(third);
  expect((await deploy(third)).status).toBe('HELD');
  const { deployment } = await client().environments.resume(environment);
  expect(await ended(deployment?.uuid ?? '')).toBe('SUCCEEDED');

  const all = await insights();
  // first, second and third; neither the failure, nor the rollback, nor what was held.
  expect(all.deployment_frequency).toMatchObject({ total: 3, per_day: 0.1 });
  expect(all.deployment_frequency.series.at(-1)).toEqual({ date: all.to, value: 3 });
  // One failed, and the second one was rolled back.
  expect(all.change_failure_rate).toMatchObject({ changes: 4, failures: 2, rate: 0.5 });
  // From the failure to the success after the rollback: one incident, for the success in between was itself bad.
  expect(all.time_to_restore).toMatchObject({ count: 1, open_since: null });
  expect(all.lead_time.count).toBe(3);
  const committed = Number(await kit.work.git('log', '-1', '--format=%ct', second));
  const sinceCommit = Date.now() / 1_000 - committed;
  expect(all.lead_time.median).toBeGreaterThan(sinceCommit - 120);
  expect(all.lead_time.median).toBeLessThan(sinceCommit);
  expect(all.previous).toMatchObject({ deployments: 0, lead_time: null });
});

test('builds, their queue and the flaky job are told too, and the restart did not hide it', async () => {
  const { builds, build_duration, queue_time, flaky_jobs } = await insights();
  expect(builds.map((build) => build.state)).toEqual(['passed', 'passed', 'passed']);
  expect(build_duration.count).toBe(3);
  expect(build_duration.median).toBeGreaterThan(0);
  // Three jobs, one of them twice.
  expect(queue_time.count).toBe(4);
  expect(flaky_jobs).toEqual([
    expect.objectContaining({ name: 'weather', flips: 1, runs: 4, job: expect.any(Number) }),
  ]);
});

test('another environment has its own, and one that is not there is refused by name', async () => {
  expect((await insights('?environment=test')).deployment_frequency.total).toBe(0);
  await expect(insights('?environment=nowhere')).rejects.toMatchObject({ status: 400 });
  await expect(insights('?days=0')).rejects.toMatchObject({ status: 400 });
});
