import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Application, WebhookMade } from '@sluice/contract';
import { createOutsideHost, type OutsideHost, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, fetchPage, type Place, webApplication } from '../support/site.ts';

/**
 * The second caveat of CI-triggered deployment with a repository that lies elsewhere (spec/divio.md R13, faults.md 11):
 * the signal comes with the push, the webhook later or never, and that commit goes live.
 */

let place: Place;
let host: OutsideHost;
let work: TestRepository;
let application: Application;
let hook: WebhookMade;
let live: { uuid: string; url: string };

beforeAll(async () => {
  host = await createOutsideHost();
  place = await createPlace({
    flags: [
      '--mirror-local-networks',
      '--mirror-protocols=http,https,ssh',
      '--mirror-poll-seconds=3600',
    ],
  });
  const made = await host.create('team/shop');
  work = made.work;
  await push('first');
  // As a person does it; the token comes by standard input.
  const printed = await place.installation.must(
    [
      ...['app', 'create', 'Shop', '--repository', made.url],
      ...['--username', host.user, '--token', '--json'],
    ],
    { input: `${host.password}\n` },
  );
  const { uuid } = JSON.parse(printed);
  const client = place.client();
  application = await client.applications.get(uuid);
  const { results } = await client.environments.list({ application: uuid, slug: 'live' });
  live = { uuid: results[0]?.uuid ?? '', url: results[0]?.url ?? '' };
  hook = JSON.parse(await sluice('repo', 'webhook', '--provider', 'github', '--json'));
  await sluice('app', 'deploy', 'live');
}, 120_000);
afterAll(async () => {
  await place.destroy();
  await host.close();
  await work.remove();
});

const sluice = (...words: string[]): Promise<string> =>
  place.installation.must([...words, '--remote-id', String(application.id)]);

async function push(message: string): Promise<string> {
  const sha = await work.commit(message, webApplication(message));
  await work.git('push', '-q', '--force', 'origin', 'HEAD');
  return sha;
}

async function webhook(after: string): Promise<number> {
  const body = JSON.stringify({
    ...{ ref: 'refs/heads/main', after, repository: { full_name: 'team/shop' } },
    at: Date.now(),
  });
  const { status } = await fetch(hook.url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`,
    },
  });
  return status;
}

const liveCommit = async (): Promise<string | null> => (await fetchPage(new URL(live.url))).commit;

/** The three ways of asking; only the first names the commit. */
const SIGNALS: Readonly<Record<string, (sha: string) => Promise<unknown>>> = {
  cli: (sha) =>
    place.installation.must(['app', 'deploy', 'live', '--remote-id', String(application.id)], {
      environment: { CI: 'true', GITHUB_SHA: sha },
    }),
  'v1 curl': async () => {
    const answer = await fetch(
      `${place.installation.url()}/api/v1/website/${application.id}/deploy/`,
      {
        method: 'POST',
        body: new URLSearchParams({ stage: 'live' }),
        headers: { authorization: `Basic ${place.machineToken}` },
      },
    );
    expect(answer.status).toBeLessThan(300);
  },
  'v3 POST': () => place.client().deployments.create({ environment: live.uuid }),
};

describe('the signal comes at once, the webhook later or never', () => {
  const delays = [
    0,
    1_000,
    ...(process.env['SLUICE_TEST_REQUIRE'] === 'all' ? [10_000] : []),
    null,
  ];
  test.each(
    Object.keys(SIGNALS).flatMap((signal) => delays.map((late) => [signal, late] as const)),
  )('%s, webhook after %s ms', async (signal, late) => {
    const sha = await push(`${signal} ${late}`);
    const webhooks = late === null ? null : delay(late).then(() => webhook(sha));
    await SIGNALS[signal]?.(sha);
    await expect.poll(liveCommit, { timeout: 120_000, interval: 200 }).toBe(sha);
    if (webhooks !== null) expect(await webhooks).toBe(202);
    expect(await liveCommit()).toBe(sha);
  });
});

test('the host is down when the signal comes: the deployment waits for it', async () => {
  host.be('broken');
  const sha = await push('while it is down');
  const { uuid, status } = await place
    .client()
    .deployments.create({ environment: live.uuid, commit: sha });
  expect(status).toBe('AWAITING_COMMIT');
  await delay(1_500);
  expect(await place.client().sources.get(application.repository_uuid)).toMatchObject({
    last_error_reason: 'host_down',
  });
  host.be('up');
  await expect.poll(liveCommit, { timeout: 120_000, interval: 200 }).toBe(sha);
  await expect
    .poll(async () => (await place.client().deployments.get(uuid)).status, { timeout: 120_000 })
    .toBe('SUCCEEDED');
});

test('history is rewritten under a waiting deployment: the commit that was asked for, or a stated end', async () => {
  host.be('broken');
  const doomed = await push('doomed');
  const { uuid } = await place
    .client()
    .deployments.create({ environment: live.uuid, commit: doomed });
  await work.git('reset', '-q', '--hard', 'HEAD~1');
  const kept = await push('kept instead');
  host.be('up');
  const ended = async () => (await place.client().deployments.get(uuid)).ended_at;
  // The host no longer gives that commit: 2 minutes of waiting are cut short by a person.
  await delay(2_000);
  expect(await ended()).toBeNull();
  expect(await liveCommit()).not.toBe(kept);
  await place.client().deployments.cancel(uuid);
  await place.client().deployments.create({ environment: live.uuid });
  await expect.poll(liveCommit, { timeout: 120_000, interval: 200 }).toBe(kept);
  const source = await place.client().sources.get(application.repository_uuid);
  expect(source).toMatchObject({ last_error: null, missing_branches: [] });
});

test('what a person sees of it at the command line', async () => {
  const shown = await sluice('repo', 'show');
  expect(shown).toContain('team/shop.git');
  expect(shown).toContain(`token of ${host.user}`);
  expect(shown + place.installation.output()).not.toContain(host.password);
  const sha = await push('for the webhook');
  expect(await webhook(sha)).toBe(202);
  await expect
    .poll(
      async () =>
        (await place.client().sources.deliveries(application.repository_uuid)).results[0]?.state,
      { timeout: 120_000 },
    )
    .toBe('done');
  expect(await sluice('repo', 'deliveries')).toMatch(/done +push/);
  host.be('gone');
  const failed = await place.installation.sluice([
    'repo',
    'fetch',
    '--remote-id',
    String(application.id),
  ]);
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('no such repository') });
  expect(await sluice('repo', 'show')).toContain('no such repository');
  host.be('up');
  expect(await sluice('repo', 'fetch')).toBe('Fetched.\n');
});
