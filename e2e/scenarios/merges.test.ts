import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, type Place, travis, webApplication } from '../support/site.ts';

/** Case 1 and 3 of spec/faults.md, with real builds, deployments and pages. */
let place: Place;
beforeAll(async () => {
  place = await createPlace({ flags: ['--runner-concurrency', '4'] });
});
afterAll(() => place?.destroy());

it('ten pushes at once, builds of uneven length, the newest failing: live is the newest that passed', async () => {
  const site = await place.createApplication('burst');
  const deploy = [
    `sluice login ${place.machineToken}`,
    `sluice app deploy --remote-id ${site.application.id}`,
  ];
  // The older a build, the longer it takes: they finish in the wrong order.
  const script = (n: number) => (n === 10 ? 'false' : `sleep ${((10 - n) % 4) * 0.7}`);
  const commits: string[] = [];
  for (let n = 1; n <= 10; n += 1) {
    commits.push(
      await site.push(`merge ${n}`, {
        ...travis(script(n), deploy),
        ...webApplication(`page ${n}`),
      }),
    );
  }
  const newestPassed = commits[8] ?? '';
  await site.until(newestPassed, 'test', (state) => state === 'live', 180_000);
  const page = await site.page('test');
  expect(page).toMatchObject({ status: 200, commit: newestPassed, body: 'page 9' });

  const { results } = await place.client().deployments.list({ application: site.application.uuid });
  for (const deployment of results) {
    expect(['SUCCEEDED', 'SUPERSEDED', 'FAILED']).toContain(deployment.status);
    if (deployment.status === 'SUPERSEDED') expect(deployment.superseded_by).not.toBeNull();
  }
  const failed = await site.why(commits[9] ?? '');
  expect(failed.build?.state).toBe('failed');
});
