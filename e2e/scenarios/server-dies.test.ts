import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

/** The control plane may die, applications may not (issue 2, item 14; spec/faults.md 16, 17). */
let place: Place;
let site: Site;
beforeAll(async () => {
  place = await createPlace({ flags: ['--lease-seconds', '5'] });
  site = await place.createApplication('survivor');
  await site.push('first', { ...travis('true'), ...webApplication('first') });
  await place.installation.must(['app', 'deploy', '--remote-id', String(site.application.id)]);
});
afterAll(() => place?.destroy());

it('applications and router go on serving while the server is dead, and are adopted', async () => {
  await place.installation.signal('SIGKILL');
  expect((await site.page('test')).body).toBe('first');
  await place.installation.start();
  expect((await site.page('test')).body).toBe('first');
  const next = await site.push('second', webApplication('second'));
  expect((await site.sluice('app', 'deploy')).code).toBe(0);
  expect((await site.page('test')).commit).toBe(next);
});

it.each(['QUEUED', 'PROVISIONING', 'BUILDING', 'RELEASING', 'CHECKING', 'FINALIZING'])(
  'killed at %s, the deployment ends and the page never fails',
  async (status) => {
    const text = `killed at ${status}`;
    const sha = await site.push(text, {
      ...webApplication(text, 'time.sleep(1)'),
      Procfile: 'release: sleep 1\nweb: python3 app.py\n',
    });
    const client = place.client();
    const environment = site.environment('test').uuid;
    const accepted = await client.deployments.create({ environment, commit: sha });
    const order = ['AWAITING_BUILD', 'QUEUED', 'PROVISIONING', 'BUILDING', 'RELEASING', 'SCALING'];
    order.push('CHECKING', 'FINALIZING', 'SUCCEEDED');
    for (;;) {
      const { status: now } = await client.deployments.get(accepted.uuid);
      if (order.indexOf(now) >= order.indexOf(status)) break;
      await new Promise((done) => setTimeout(done, 10));
    }
    await place.installation.signal('SIGKILL');
    expect((await site.page('test')).status).toBe(200);
    await place.installation.start();
    const answer = await site.until(sha, 'test', (state) =>
      ['live', 'deploy_failed'].includes(state),
    );
    expect(answer.environments[0]?.state).toBe('live');
    expect((await site.page('test')).commit).toBe(sha);
    // It is live from its switch on, and ends when the old instances are gone.
    await expect
      .poll(async () => (await place.client().deployments.get(accepted.uuid)).ended_at, {
        timeout: 60_000,
      })
      .not.toBeNull();
  },
);

it('killed while a job runs: the job runs again and the build ends', async () => {
  const sha = await site.push('slow build', {
    ...travis('sleep 3'),
    ...webApplication('slow build'),
  });
  await site.until(sha, 'test', (state) => state === 'building' || state === 'untested');
  await place.installation.signal('SIGKILL');
  await place.installation.start();
  const log = await site.sluice('build', 'log', '--follow', '--commit', sha);
  expect(log.code).toBe(0);
  expect((await site.why(sha)).build?.state).toBe('passed');
});

it('SIGTERM ends the server with exit code 0 and leaves the application serving', async () => {
  expect(await place.installation.signal('SIGTERM')).toBe(0);
  expect((await site.page('test')).status).toBe(200);
  await place.installation.start();
});

it('admin down stops all of it', async () => {
  await place.installation.must(['admin', 'down', '--data', place.installation.dataDir]);
  expect((await site.page('test')).status).toBe(0);
});
