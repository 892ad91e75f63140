import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, type Place, webApplication } from '../support/site.ts';

/** Section 2.3 of spec/ordering.md: with one runner slot, whoever waits for a deployment must not be waited for by it. */
let place: Place;
beforeAll(async () => {
  place = await createPlace({ flags: ['--runner-concurrency', '1'] });
});
afterAll(() => place?.destroy());

const curl = (id: number) =>
  [
    'curl -sS -X POST --data stage=test --data wait=60 --data commit=$TRAVIS_COMMIT',
    `--header "Authorization: Basic $TOKEN" $SLUICE_URL/api/v1/website/${id}/deploy/`,
  ].join(' ');

it('a matrix, a later stage and a client that waits in after_success end with the commit live', async () => {
  const site = await place.createApplication('circle');
  const file = `language: generic
env:
  global:
    - TOKEN=${place.machineToken}
jobs:
  include:
    - stage: first
      script: sleep 1
      after_success: ${JSON.stringify(curl(site.application.id))}
    - stage: first
      script: sleep 1
      after_success:
        - sluice login $TOKEN
        - sluice app deploy --remote-id ${site.application.id}
    - stage: later
      script: sleep 1
`;
  const sha = await site.push('go', { '.travis.yml': file, ...webApplication('circle') });
  const answer = await site.until(sha, 'test', (state) => state === 'live', 120_000);
  expect(answer.build?.state).toBe('passed');
  const log = await site.sluice('build', 'log', '--follow', '--commit', sha);
  expect(log.code).toBe(0);
  // The client that does not know where it runs has waited; Sluice's own has not.
  expect(log.stdout).toMatch(/"status":\s*"SUCCEEDED"/);
  expect(log.stdout).toMatch(/It goes on by itself|Deployed [0-9a-f]{10}/);
});

it('a failing later stage leaves the commit undeployed, with the reason', async () => {
  const site = await place.createApplication('late-failure');
  const file = `language: generic
jobs:
  include:
    - stage: first
      script: "true"
      after_success:
        - sluice login ${place.machineToken}
        - sluice app deploy --remote-id ${site.application.id}
    - stage: later
      script: "false"
`;
  const sha = await site.push('go', { '.travis.yml': file, ...webApplication('never') });
  const answer = await site.until(
    sha,
    'test',
    (state) => state === 'deploy_failed' || state === 'build_failed',
  );
  expect(answer.build?.state).toBe('failed');
  expect(answer.environments[0]?.reason).toMatch(/build/i);
  expect((await site.page('test')).status).not.toBe(200);
});
