import { setTimeout as delay } from 'node:timers/promises';
import { createOutsideHost, type OutsideHost } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOutsideSite, OUTSIDE_FLAGS, type OutsideSite } from '../support/outside-site.ts';
import { createPlace, type Place } from '../support/site.ts';

/**
 * The second caveat of CI-triggered deployment with a repository that lies elsewhere (spec/divio.md R13, faults.md 11):
 * the signal comes with the push, the webhook later or never, and that commit goes live.
 */

/** However busy the machine is. */
const POLL = { timeout: 120_000, interval: 200 };

let place: Place;
let host: OutsideHost;
/** Another host, which is up all the time: the webhooks that are a minute late go by while the other tests run. */
let calm: OutsideHost;
let site: OutsideSite;
let late: Promise<readonly LateCase[]>;

const IN_CI = process.env['SLUICE_TEST_REQUIRE'] === 'all';

beforeAll(async () => {
  [host, calm] = await Promise.all([createOutsideHost(), createOutsideHost()]);
  place = await createPlace({ flags: OUTSIDE_FLAGS });
  site = await createOutsideSite(place, host, 'shop');
  await site.sluice('app', 'deploy', 'live');
  late = IN_CI ? aMinuteLate() : Promise.resolve([]);
  // Looked at by the last test.
  late.catch(() => undefined);
}, 300_000);
afterAll(async () => {
  await late.catch(() => undefined);
  await place.destroy();
  await Promise.all([host.close(), calm.close()]);
  await site.work.remove();
});

const SIGNALS = ['cli', 'v1 curl', 'v3 POST'] as const;

describe('the signal comes at once, the webhook later or never', () => {
  const delays = [0, 1_000, ...(IN_CI ? [10_000] : []), null];
  test.each(SIGNALS.flatMap((signal) => delays.map((ms) => [signal, ms] as const)))(
    '%s, webhook after %s ms',
    async (signal, ms) => {
      const sha = await site.push(`${signal} ${ms}`);
      const webhooks = ms === null ? null : delay(ms).then(() => site.webhook(sha));
      await site.signals[signal](sha);
      await expect.poll(site.liveCommit, POLL).toBe(sha);
      if (webhooks !== null) expect(await webhooks).toBe(202);
      expect(await site.liveCommit()).toBe(sha);
    },
  );
});

interface LateCase {
  readonly signal: string;
  readonly pushed: string;
  readonly status: number;
  /** What the page was, and how many deployments there were, before the webhook came and after it was dealt with. */
  readonly before: readonly [string | null, number];
  readonly after: readonly [string | null, number];
}

/** One application for each way of asking, so that they can be under way at the same time. */
function aMinuteLate(): Promise<LateCase[]> {
  return Promise.all(
    SIGNALS.map(async (signal, index) => {
      const shop = await createOutsideSite(place, calm, `late-${index}`);
      const client = place.client();
      const seen = async () => {
        const { count } = await client.deployments.list({ environment: shop.live.uuid });
        return [await shop.liveCommit(), count] as const;
      };
      const pushed = await shop.push('pushed a minute before its webhook');
      const webhook = delay(60_000).then(() => shop.webhook(pushed));
      await shop.signals[signal](pushed);
      await expect.poll(shop.liveCommit, POLL).toBe(pushed);
      const before = await seen();
      const status = await webhook;
      const { sources } = client;
      const state = async () =>
        (await sources.deliveries(shop.application.repository_uuid)).results[0]?.state;
      await expect.poll(state, POLL).toBe('done');
      await shop.work.remove();
      return { signal, pushed, status, before, after: await seen() };
    }),
  );
}

test('the host is down when the signal comes: the deployment waits for it', async () => {
  host.be('broken');
  const sha = await site.push('while it is down');
  const { uuid, status } = await place
    .client()
    .deployments.create({ environment: site.live.uuid, commit: sha });
  expect(status).toBe('AWAITING_COMMIT');
  await delay(1_500);
  expect(await place.client().sources.get(site.application.repository_uuid)).toMatchObject({
    last_error_reason: 'host_down',
  });
  host.be('up');
  await expect.poll(site.liveCommit, POLL).toBe(sha);
  await expect
    .poll(async () => (await place.client().deployments.get(uuid)).status, { timeout: 120_000 })
    .toBe('SUCCEEDED');
});

test('history is rewritten under a waiting deployment: the commit that was asked for, or a stated end', async () => {
  host.be('broken');
  const doomed = await site.push('doomed');
  const { uuid } = await place
    .client()
    .deployments.create({ environment: site.live.uuid, commit: doomed });
  await site.work.git('reset', '-q', '--hard', 'HEAD~1');
  const kept = await site.push('kept instead');
  host.be('up');
  const ended = async () => (await place.client().deployments.get(uuid)).ended_at;
  // The host no longer gives that commit: 2 minutes of waiting are cut short by a person.
  await delay(2_000);
  expect(await ended()).toBeNull();
  expect(await site.liveCommit()).not.toBe(kept);
  await place.client().deployments.cancel(uuid);
  await place.client().deployments.create({ environment: site.live.uuid });
  await expect.poll(site.liveCommit, POLL).toBe(kept);
  const source = await place.client().sources.get(site.application.repository_uuid);
  expect(source).toMatchObject({ last_error: null, missing_branches: [] });
});

test('what a person sees of it at the command line', async () => {
  const shown = await site.sluice('repo', 'show');
  expect(shown).toContain('team/shop.git');
  expect(shown).toContain(`token of ${host.user}`);
  expect(shown + place.installation.output()).not.toContain(host.password);
  const sha = await site.push('for the webhook');
  expect(await site.webhook(sha)).toBe(202);
  await expect
    .poll(
      async () =>
        (await place.client().sources.deliveries(site.application.repository_uuid)).results[0]
          ?.state,
      { timeout: 120_000 },
    )
    .toBe('done');
  expect(await site.sluice('repo', 'deliveries')).toMatch(/done +push/);
  host.be('gone');
  const failed = await place.installation.sluice([
    'repo',
    'fetch',
    '--remote-id',
    String(site.application.id),
  ]);
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('no such repository') });
  expect(await site.sluice('repo', 'show')).toContain('no such repository');
  host.be('up');
  expect(await site.sluice('repo', 'fetch')).toBe('Fetched.\n');
});

test.runIf(IN_CI)(
  'a webhook that is a minute late finds all done and changes nothing',
  async () => {
    const cases = await late;
    expect(cases.map(({ signal }) => signal)).toEqual(SIGNALS);
    for (const { pushed, status, before, after } of cases) {
      expect(status).toBe(202);
      expect(before).toEqual([pushed, 1]);
      expect(after).toEqual(before);
    }
  },
);
