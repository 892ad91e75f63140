import { createTravisClient, opensslEncrypt, type TravisClient } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place, type Site } from '../support/site.ts';

/*
 * The session of somebody who knows Travis CI, told by the requests that the `travis` command sends: log in, turn a
 * repository on, encrypt a value into the file, set a variable, push, look, restart. Real server, git and runner.
 */

let place: Place;
let site: Site;
let travis: TravisClient;

beforeAll(async () => {
  place = await createPlace();
  site = await place.createApplication('Travis');
}, 120_000);

afterAll(() => place?.destroy());

type Json = Record<string, unknown>;

async function ask(path: string): Promise<Json> {
  const { status, body, text } = await travis.get(path);
  expect(status, `${path}: ${text}`).toBe(200);
  return body as Json;
}

async function repo(): Promise<Json> {
  const slug = new URL(site.application.git_url).pathname.slice(1).replace(/\.git$/, '');
  return (await ask(`/repos/${slug}`))['repo'] as Json;
}

/** The newest build once it has ended, as `travis status` sees it, with the log of its first job. */
async function lastBuild(number: string): Promise<{ state: unknown; log: string; build: Json }> {
  const { id } = await repo();
  for (const end = Date.now() + 90_000; Date.now() < end; ) {
    const { builds } = await ask(`/builds/?number=${number}&repository_id=${id}`);
    const [build] = builds as Json[];
    if (build !== undefined && build['finished_at'] !== null) {
      const [job] = build['job_ids'] as number[];
      const { log_id } = (await ask(`/jobs/${job}`))['job'] as Json;
      const { body } = (await ask(`/logs/${log_id}`))['log'] as Json;
      return { state: build['state'], log: String(body), build };
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`build ${number} has not ended\n${place.installation.output().slice(-4_000)}`);
}

test('a session of the travis command', { timeout: 240_000 }, async () => {
  const url = place.installation.url();

  // travis login --github-token slc_... --skip-token-check
  const login = await createTravisClient(url, null).send('POST', '/auth/github', {
    github_token: place.token,
  });
  travis = createTravisClient(url, (login.body as { access_token: string }).access_token);
  expect(await ask('/users/')).toMatchObject({ user: { correct_scopes: true } });

  // travis enable
  const { id } = await repo();
  const hook = { 'hook[id]': String(id), 'hook[active]': 'true' };
  expect((await travis.send('PUT', '/hooks/', hook)).body).toEqual({ result: true });

  // travis encrypt FROM_FILE="hidden in file" --add
  const { key } = await ask(`/repos/${id}/key`);
  const secure = await opensslEncrypt(String(key), 'FROM_FILE="hidden in file"');

  // travis env set FROM_SETTINGS 'hidden in settings'; travis env set SHOWN 'for all' --public
  const variables = `/settings/env_vars/?repository_id=${id}`;
  const set = (env_var: Json) => travis.send('POST', variables, JSON.stringify({ env_var }));
  await set({ name: 'FROM_SETTINGS', value: 'hidden\\ in\\ settings' });
  await set({ name: 'SHOWN', value: 'for\\ all', public: true });
  await set({ name: 'SHOWN', value: 'not-this-one', public: true, branch: 'other' });

  await site.push('Build it', {
    '.travis.yml': `language: generic
if: env(SHOWN) =~ /for/
env:
  global:
    secure: ${secure}
script:
  - echo "file is $FROM_FILE, settings is $FROM_SETTINGS"
  - echo "lengths \${#FROM_FILE} and \${#FROM_SETTINGS}"
  - echo "everybody sees $SHOWN"
  - echo "piped \${#PIPED}"
  - test -n "$FROM_FILE"
`,
  });

  // travis show; travis logs --no-stream
  const first = await lastBuild('1');
  expect(first).toMatchObject({ state: 'passed' });
  expect(first.log).toContain('file is [secure], settings is [secure]');
  expect(first.log).toContain('lengths 14 and 18');
  expect(first.log).toContain('everybody sees for all');
  expect(first.log).toContain('export FROM_SETTINGS=[secure]');
  expect(first.log).not.toMatch(/hidden in|hidden\\/);
  expect(await repo()).toMatchObject({ last_build_state: 'passed', last_build_number: '1' });

  // sluice env: the same variables, values taken literally.
  const env = async (...words: string[]) => {
    const result = await site.sluice('env', ...words);
    expect(result.code, result.stderr).toBe(0);
    return result.stdout;
  };
  expect(await env('list')).toMatch(/FROM_SETTINGS +\[secure\] +\(every branch\)/);
  await env('set', "FROM_SETTINGS=it's $HOME");
  await env('set', 'SHOWN=for you', '--public');
  await env('unset', 'SHOWN', '--branch', 'other');
  expect(JSON.parse(await env('list', '--json'))).toMatchObject([
    { name: 'FROM_SETTINGS', value: null, public: false },
    { name: 'SHOWN', value: "'for you'", public: true, branch: null },
  ]);
  expect((await site.sluice('env', 'unset', 'NOTHING')).code).toBe(4);
  // A name alone: the value comes from standard input, and is in nobody's history.
  const words = ['env', 'set', 'PIPED', '--branch', 'main', '--remote-id', site.application.slug];
  await place.installation.must(words, { input: 'from standard input\n' });
  expect(await env('list')).toMatch(/PIPED +\[secure\] +main/);
  expect((await site.sluice('env', 'unset', 'PIPED')).stderr).toContain('There is one for: main.');

  // travis restart: with one job, the command restarts the job.
  const [job] = first.build['job_ids'] as number[];
  expect((await travis.send('POST', `/jobs/${job}/restart`)).status).toBe(200);
  const again = await lastBuild('1');
  expect(again.state).toBe('passed');
  expect(again.log).toContain('lengths 14 and 10');
  expect(again.log).toContain('everybody sees for you');
  expect(again.log).toContain('piped 19');

  // travis settings, and the same by sluice.
  const settings = await site.sluice('ci', 'settings', 'build_pushes=off', '--json');
  expect(JSON.parse(settings.stdout)).toMatchObject({ build_pushes: false });
  expect(await ask(`/repos/${id}/settings`)).toMatchObject({ settings: { build_pushes: false } });
  await site.push('Do not build it', { page: '2' });
  const { requests } = await ask(`/requests/?repository_id=${id}`);
  expect((requests as Json[])[0]).toMatchObject({ result: 'rejected' });
});
