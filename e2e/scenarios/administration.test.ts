import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

let place: Place;
let site: Site;
beforeAll(async () => {
  place = await createPlace();
  site = await place.createApplication('office');
});
afterAll(() => place?.destroy());

describe('what is printed for programs', () => {
  it('app create --json', () => {
    expect(site.application).toMatchObject({
      id: expect.any(Number),
      uuid: expect.stringMatching(/[a-z]/),
      slug: 'office',
      git_url: expect.stringMatching(/\/default\/office\.git$/),
    });
    const slugs = site.application.environments.map(({ slug }) => slug);
    expect(slugs).toEqual(['test', 'live']);
    expect(site.environment('test').url).toMatch(/^http:\/\/test-office\.localhost:\d+$/);
    expect(site.environment('test').branch).toBe('main');
  });

  it('app deploy --json, and why --json', async () => {
    const sha = await site.push('one', { ...travis('true'), ...webApplication('one') });
    const { code, stdout } = await site.sluice('app', 'deploy', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      deployment: expect.any(String),
      status: 'SUCCEEDED',
      success: true,
      commit: sha,
      url: site.environment('test').url,
      reason: 'it is live',
      superseded_by: null,
    });
    const why = await site.why(sha);
    expect(why.commit).toBe(sha);
    expect(why.build).toMatchObject({ state: 'passed', url: expect.stringContaining('http') });
    expect(why.environments.map(({ slug, state }) => [slug, state])).toEqual([
      ['test', 'live'],
      ['live', 'not_signalled'],
    ]);
    expect(why.events.length).toBeGreaterThan(0);
  });
});

describe('exit codes', () => {
  it('2 for wrong usage, 4 for what is not there, 5 for no server', async () => {
    const { installation } = place;
    expect((await installation.sluice(['nonsense'])).code).toBe(2);
    expect((await installation.sluice(['app', 'show', '--remote-id', '99999'])).code).toBe(4);
    expect((await site.sluice('app', 'deploy', 'nowhere')).code).toBe(4);
    const elsewhere = ['--zone', 'http://127.0.0.1:9', 'app', 'list'];
    const lost = await installation.sluice(elsewhere, { environment: { SLUICE_TOKEN: 'x' } });
    expect(lost.code).toBe(5);
    const stranger = await installation.sluice(['app', 'list'], {
      environment: { SLUICE_TOKEN: 'wrong' },
    });
    expect(stranger.code).toBe(4);
  });

  it('of the server: 2 with one line for a wrong setting, 1 for a port in use', async () => {
    const server = join(import.meta.dirname, '../../script/server');
    const wrong = await run(server, ['--port', 'many']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr.trim().split('\n')).toHaveLength(1);
    const { port } = new URL(place.installation.url());
    const data = join(place.installation.home, 'second');
    const taken = await run(server, ['--data', data, '--port', port]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/port \d+ .*(in use|taken)/i);
    expect(taken.stderr).not.toContain('    at ');
  });

  it('a second server on the same data is refused', async () => {
    const server = join(import.meta.dirname, '../../script/server');
    const twice = await run(server, ['--data', place.installation.dataDir, '--port', '0']);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain('already works on');
  });
});

it('credentials are in a file that only its owner can read', async () => {
  const file = join(place.installation.home, '.config/sluice/credentials.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('a push is answered with the build that it started', async () => {
  await site.repository.commit('two', webApplication('two'));
  const said = await site.repository.push('origin');
  expect(said).toMatch(/remote: .*[Bb]uild #?\d+/);
  expect(said).toMatch(/remote: .*http:\/\/127\.0\.0\.1:\d+\//);
});

it('a scoped token does what it may and nothing else', async () => {
  const { installation } = place;
  const words = ['admin', 'create-token', '--data', installation.dataDir, '--email'];
  const token = (
    await installation.must([...words, 'ci@example.com', '--scope', 'read@office'])
  ).trim();
  const environment = { SLUICE_TOKEN: token };
  const id = String(site.application.id);
  const may = (...rest: string[]) =>
    installation.sluice([...rest, '--remote-id', id], { environment });
  expect((await may('app', 'show')).code).toBe(0);
  expect((await may('app', 'deploy')).code).toBe(4);
});

it('a deleted application can be restored', async () => {
  const other = await place.createApplication('short-lived');
  expect((await other.sluice('app', 'delete')).code).toBe(2);
  expect((await other.sluice('app', 'delete', '--yes')).code).toBe(0);
  expect((await other.sluice('app', 'show')).code).toBe(4);
  await place.installation.must(['app', 'restore', other.application.uuid]);
  expect((await other.sluice('app', 'show')).code).toBe(0);
});
