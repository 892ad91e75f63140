import type { Deployment } from '@sluice/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

/** What somebody finds who knows only the API's description and watches from outside. */
let place: Place;
let site: Site;

beforeAll(async () => {
  place = await createPlace();
  site = await place.createApplication('stranger');
});
afterAll(() => place?.destroy());

const slowly = 'time.sleep(2)';
const said = 'import json\nprint(json.dumps(dict(os.environ)), flush=True)';

test('at every moment of a deployment its numbers agree with each other', async () => {
  await site.push('one', webApplication('one', slowly));
  const { deployments } = place.client();
  const made = await deployments.create({ environment: site.environment('test').uuid });
  const seen: Deployment[] = [made];
  while (seen.at(-1)?.ended_at === null) seen.push(await deployments.get(made.uuid));
  const { logs } = await deployments.logs(made.uuid);

  const percents = seen.map((one) => one.percent);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  expect(seen.every((one) => (one.success === null) === (one.ended_at === null))).toBe(true);
  expect(new Set(seen.map((one) => one.started_at)).size).toBe(1);
  // Its last line states the outcome, also to whoever reads it in the moment of the end.
  expect(logs.trimEnd().split('\n').at(-1)).toMatch(/^Deployment SUCCEEDED/);
});

test('a variable reaches the process as it was given, byte for byte', async () => {
  const environment = site.environment('test').uuid;
  const given: Record<string, string> = {
    SPACES: '  before and after  ',
    QUOTES: `"double" 'single' \`back\``,
    LINES: 'one\ntwo\r\n\n',
    DOLLARS: '$HOME $(id) $$ $',
    SLASHES: 'a\\n\\\\b',
    LETTERS: 'żółć ☃ 🎉',
    EMPTY: '',
    // A user's own wins over what Sluice would inject.
    GIT_BRANCH: 'mine',
  };
  for (const [name, value] of Object.entries(given)) {
    await place.client().variables.create({ environment, name, value });
  }
  await site.push('two', webApplication('two', said));
  const outcome = await place.client().deployments.create({ environment, wait: 60 });
  expect(outcome).toMatchObject({ success: true });
  const { results } = await place.client().environments.logs(environment);
  const line = results.map((entry) => entry.message).find((text) => text.startsWith('{'));
  const found: Record<string, string> = JSON.parse(line ?? '{}');
  expect(found).toMatchObject({ ...given, STAGE: 'test', SITE_NAME: 'stranger', DEBUG: 'True' });
});

test('nobody rewrites or deletes the deployment branch by mistake, not even an administrator', async () => {
  const { repository } = site;
  const before = await repository.sha();
  await repository.git('commit', '-q', '--amend', '--allow-empty', '-m', 'rewritten');
  for (const words of [
    ['--force', 'origin', 'HEAD:main'],
    ['origin', ':main'],
  ]) {
    const outcome = await repository.tryGit('push', ...words);
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toMatch(/branch is protected/);
  }
  expect(await repository.git('ls-remote', 'origin', 'refs/heads/main')).toContain(before);
  await repository.git('reset', '-q', '--hard', before);
});

test('a signal that CI sends while the server restarts is not lost', async () => {
  const sha = await site.push('three', webApplication('three', slowly));
  await place.installation.signal('SIGKILL');
  const cli = place.installation.sluice(
    ['app', 'deploy', '--json', '--remote-id', String(site.application.id)],
    { environment: { CI: 'true', TRAVIS_COMMIT: sha } },
  );
  await place.installation.start();
  const { code, stdout, stderr } = await cli;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    ...{ status: 'SUCCEEDED', success: true, commit: sha },
  });
  expect(await site.page('test')).toMatchObject({ status: 200, commit: sha });
});
