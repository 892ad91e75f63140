import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

let place: Place;
let site: Site;
beforeAll(async () => {
  place = await createPlace();
  site = await place.createApplication('hold');
});
afterAll(() => place?.destroy());

it('a rollback holds the environment until someone resumes', async () => {
  const good = await site.push('good', { ...travis('true'), ...webApplication('good') });
  expect((await site.sluice('app', 'deploy')).code).toBe(0);
  const bad = await site.push('bad', webApplication('bad'));
  expect((await site.sluice('app', 'deploy')).code).toBe(0);
  expect((await site.page('test')).commit).toBe(bad);

  const back = await site.sluice('app', 'rollback', 'test', '--reason', 'it is bad');
  expect(back.code).toBe(0);
  expect((await site.page('test')).commit).toBe(good);

  const newer = await site.push('newer', webApplication('newer'));
  const held = await site.sluice('app', 'deploy', '--json');
  expect(held.code).toBe(3);
  const last = JSON.parse(held.stdout.trim().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ status: 'HELD', success: false, commit: newer });
  expect(last.reason).toContain('it is bad');
  expect((await site.page('test')).commit).toBe(good);
  expect((await site.why(newer)).environments.find(({ slug }) => slug === 'test')?.state).toBe(
    'held',
  );

  expect((await site.sluice('app', 'resume', 'test')).code).toBe(0);
  expect((await site.page('test')).commit).toBe(newer);
});

it('an older commit never replaces a newer one, and says so', async () => {
  const older = await site.repository.sha();
  const newer = await site.push('on top', webApplication('on top'));
  expect((await site.sluice('app', 'deploy')).code).toBe(0);
  const late = await site.sluice('app', 'deploy', '--commit', older, '--json');
  const last = JSON.parse(late.stdout.trim().split('\n').at(-1) ?? '');
  expect(last.status).toBe('SUPERSEDED');
  expect(late.code).toBe(0);
  expect((await site.page('test')).commit).toBe(newer);
});

it('a commit of another branch is skipped: an error for a person, a notice in a CI job', async () => {
  await site.repository.branch('feature');
  const sha = await site.push('feature', webApplication('feature'));
  await site.repository.checkout('main');
  const person = await site.sluice('app', 'deploy', '--commit', sha);
  expect(person.code).toBe(1);
  expect(person.stdout).toContain('Not deployed');
  const job = await place.installation.sluice(
    ['app', 'deploy', '--remote-id', String(site.application.id)],
    { environment: { CI: 'true', TRAVIS_COMMIT: sha } },
  );
  expect(job.code).toBe(0);
  expect((await site.page('test')).body).not.toBe('feature');
});
