import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutsideHost, type OutsideHost, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CreatedApplication, createPlace, type Place } from '../support/site.ts';

/**
 * A stranger's pull request at a host that speaks as GitHub does, from its signed webhook to the mark on its commit: the
 * merge result is built by a real runner, without secrets, and the host's API hears of every step.
 */

interface Mark {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly state: string;
  readonly context: string;
  readonly target_url: string;
}

let place: Place;
let host: OutsideHost;
let work: TestRepository;
let api: Server;
let marks: Mark[];
let application: CreatedApplication;
let hook: { url: string; secret: string };

const TRAVIS = `language: generic
script:
  - echo "secret [$TOP_SECRET] secure $TRAVIS_SECURE_ENV_VARS from $TRAVIS_PULL_REQUEST_SLUG"
  - cat main.txt fork.txt
deploy:
  provider: sluice
  environment: live
`;
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 120_000, interval: 200 });
const sluice = (...words: string[]): Promise<string> =>
  place.installation.must([...words, '--remote-id', String(application.id)]);

beforeAll(async () => {
  marks = [];
  api = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const { authorization } = request.headers;
      marks.push({ path: request.url ?? '', authorization, ...JSON.parse(text) });
      response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  host = await createOutsideHost();
  place = await createPlace({
    flags: [
      ...['--mirror-local-networks', '--mirror-protocols=http,https'],
      '--mirror-poll-seconds=3600',
    ],
  });
  const made = await host.create('acme/shop');
  work = made.work;
  await work.commit('first', { '.travis.yml': TRAVIS, 'main.txt': 'of main\n' });
  await work.git('push', '-q', 'origin', 'HEAD');
  const printed = await place.installation.must(
    [
      ...['app', 'create', 'Shop', '--repository', made.url],
      ...['--username', host.user, '--token', '--json'],
    ],
    { input: `${host.password}\n` },
  );
  application = JSON.parse(printed);
  await sluice('ci', 'enable');
  await sluice('env', 'set', 'TOP_SECRET=hunter2hunter2', '--private');
  hook = JSON.parse(await sluice('repo', 'webhook', '--provider', 'github', '--json'));
  await place.client().pullRequests.changeSettings(application.uuid, { approve_first: true });
  await place.client().commitStatuses.set(application.uuid, {
    ...{ provider: 'github', slug: 'acme/shop', token: 'status-token' },
    api_url: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
  });
}, 120_000);
afterAll(async () => {
  await place?.destroy();
  await host?.close();
  await work?.remove();
  api?.closeAllConnections();
  await new Promise((closed) => api.close(closed));
});

/** As GitHub tells it; only what its documentation promises of the body. */
async function tell(action: string, sha: string, merged = false): Promise<number> {
  const repository = { id: 1, full_name: 'acme/shop' };
  const body = JSON.stringify({
    ...{ action, number: 7, repository },
    pull_request: {
      ...{ number: 7, title: 'Seven', draft: false, merged, state: 'open' },
      ...{ html_url: 'https://git.example/acme/shop/pull/7', user: { id: 42, login: 'eve' } },
      head: { sha, ref: 'topic', repo: { id: 2, full_name: 'eve/shop' } },
      base: { sha: '0'.repeat(40), ref: 'main', repo: repository },
      updated_at: new Date().toISOString(),
    },
  });
  const { status } = await fetch(hook.url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`,
    },
  });
  return status;
}

const pull = async () =>
  (await place.client().pullRequests.list({ application: application.uuid })).results[0];
const statesOf = (sha: string, context: string) =>
  marks.filter((mark) => mark.path.endsWith(sha) && mark.context === context);

it('goes from a signed webhook over an approval and a build to the mark at the host', async () => {
  await work.git('checkout', '-q', '-b', 'fork');
  const head = await work.commit('from a fork', { 'fork.txt': 'of the fork\n' });
  await work.git('push', '-q', 'origin', 'HEAD:refs/pull/7/head');
  await work.checkout('main');
  await work.commit('meanwhile', { 'main.txt': 'of a newer main\n' });
  await work.git('push', '-q', 'origin', 'HEAD');

  expect(await tell('opened', head)).toBe(202);
  await eventually(async () => (await pull())?.build?.state).toBe('awaiting_approval');
  await eventually(() => statesOf(head, 'sluice/pr').map(({ state }) => state)).toEqual([
    'pending',
  ]);
  expect(await sluice('why', 'pr/7')).toContain('waits for an approval');

  await sluice('pr', 'approve', '7');
  await eventually(async () => (await pull())?.build?.state).toBe('passed');
  const log = await sluice('build', 'log');
  expect(log).toContain('secret [] secure false from eve/shop');
  // Both sides: what was built is the merge.
  expect(log).toContain('of a newer main');
  expect(log).toContain('of the fork');
  expect(log).not.toContain('hunter2');
  await eventually(() => statesOf(head, 'sluice/pr').at(-1)?.state).toBe('success');
  const mark = statesOf(head, 'sluice/pr').at(-1);
  expect(mark).toMatchObject({
    ...{ path: `/repos/acme/shop/statuses/${head}`, authorization: 'Bearer status-token' },
    target_url: (await pull())?.build?.url,
  });
  // Nothing of a fork is ever deployed, by whatever its file says.
  const live = application.environments.find(({ slug }) => slug === 'live')?.uuid ?? '';
  const deployments = await place.client().deployments.list({ environment: live });
  const built = [head, (await pull())?.merge_sha];
  expect(deployments.results.filter(({ commit }) => built.includes(commit))).toEqual([]);
  expect(
    marks.filter(({ path, context }) => path.endsWith(head) && /deploy/.test(context)),
  ).toEqual([]);

  expect(await tell('closed', head)).toBe(202);
  await eventually(async () => (await pull())?.state).toBe('closed');
});
