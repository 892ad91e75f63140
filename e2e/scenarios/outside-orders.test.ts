import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Deployment } from '@sluice/contract';
import {
  createOutsideHost,
  createRepository,
  historyShapes,
  mergeAmbiguous,
  type OutsideHost,
} from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOutsideSite, OUTSIDE_FLAGS, type OutsideSite } from '../support/outside-site.ts';
import { createPlace, type Place } from '../support/site.ts';

/**
 * Issue 5, 6 through the doors of a running server, with a repository that lies on another host and whose webhook never
 * comes: whoever asks, in whatever order and by whatever name, the newest by ancestry is live and every request ends with
 * a reason. `packages/server/src/deploy/engine/outside-orders.test.ts` asks the same within the deploy room.
 */

const POLL = { timeout: 180_000, interval: 200 };
let place: Place;
let host: OutsideHost;
const sites: OutsideSite[] = [];

beforeAll(async () => {
  host = await createOutsideHost();
  place = await createPlace({ flags: [...OUTSIDE_FLAGS, '--commit-wait-seconds=20'] });
});
afterEach(() => host.be('up'));
afterAll(async () => {
  await place.destroy();
  await host.close();
  await Promise.all(sites.map(({ work }) => work.remove()));
});

async function makeSite(): Promise<OutsideSite> {
  const site = await createOutsideSite(place, host, `orders-${sites.length + 1}`);
  sites.push(site);
  return site;
}

const client = () => place.client();

const signal = (site: OutsideSite, commit?: string): Promise<Deployment> =>
  client().deployments.create({
    ...{ environment: site.live.uuid },
    ...(commit === undefined ? {} : { commit }),
  });

async function ended(uuid: string): Promise<Deployment> {
  const view = () => client().deployments.get(uuid);
  await expect.poll(async () => (await view()).ended_at, POLL).not.toBeNull();
  return view();
}

/** Asks for all of them at once, as several CI services do, and waits for every end. */
async function ask(site: OutsideSite, targets: readonly (string | undefined)[]) {
  const asked = await Promise.all(targets.map((target) => signal(site, target)));
  return Promise.all(asked.map(({ uuid }) => ended(uuid)));
}

const isDone = { status: expect.stringMatching(/^(SUCCEEDED|SUPERSEDED)$/), success: true };
const pushAll = (site: OutsideSite) =>
  site.work
    .git('push', '-q', '--force', '--all', 'origin')
    .then(() => site.work.git('push', '-q', '--tags', 'origin'));

describe('the newest by ancestry is live', () => {
  test.each(Object.entries(historyShapes))('%s', async (_, make) => {
    const site = await makeSite();
    const shape = await make(site.work);
    await pushAll(site);
    for (const one of await ask(site, shape.ask)) expect(one).toMatchObject(isDone);
    expect(await site.liveCommit()).toBe(shape.live);
  });

  test('several services at once, by branch, tag, commit, prefix and nothing', async () => {
    const site = await makeSite();
    const first = await site.work.sha();
    const second = await site.work.commit('second');
    await site.work.tag('v2', 'annotated');
    const third = await site.work.commit('third');
    await pushAll(site);
    const service = (variable: string, sha: string) =>
      place.installation.sluice(
        ['app', 'deploy', 'live', '--remote-id', String(site.application.id)],
        { environment: { CI: 'true', [variable]: sha } },
      );
    const [services, posts] = await Promise.all([
      Promise.all([
        service('GITHUB_SHA', third),
        service('CI_COMMIT_SHA', second),
        service('TRAVIS_COMMIT', first),
      ]),
      ask(site, ['main', 'v2', third, undefined, first.slice(0, 10)]),
      site.signals['v1 curl'](third),
    ]);
    for (const one of services) expect(one.code, one.stdout + one.stderr).toBe(0);
    expect(posts.map(({ commit }) => commit)).toEqual([third, second, third, third, first]);
    expect(await site.liveCommit()).toBe(third);
  });
});

describe('what never goes live', () => {
  test('a commit that never comes, or is of another repository: failed by name, others go on', async () => {
    const site = await makeSite();
    const stranger = await createRepository();
    const foreign = await stranger.commit('elsewhere', { elsewhere: '1' });
    await stranger.remove();
    const lost = ['f'.repeat(40), foreign];
    const waiting = await Promise.all(lost.map((sha) => signal(site, sha)));
    for (const one of waiting) expect(one.status).toBe('AWAITING_COMMIT');
    const sha = await site.push('meanwhile');
    const [live] = await ask(site, [sha]);
    expect(live?.status).toBe('SUCCEEDED');
    for (const [index, { uuid }] of waiting.entries()) {
      const end = await ended(uuid);
      expect(end).toMatchObject({ status: 'FAILED', reason_code: 'commit_unavailable' });
      expect(end.reason).toContain(lost[index]);
    }
    expect(await site.liveCommit()).toBe(sha);
  });

  test('another branch of an unrelated history is skipped, without failing anybody', async () => {
    const site = await makeSite();
    await ask(site, [undefined]);
    const before = await site.liveCommit();
    await site.work.git('checkout', '-q', '--orphan', 'other');
    const other = await site.work.commit('other root', { other: '1' });
    await pushAll(site);
    const [end] = await ask(site, [other]);
    expect(end).toMatchObject({ status: 'SKIPPED', reason_code: 'not_on_branch', success: true });
    expect(await site.liveCommit()).toBe(before);
  });

  test('a short hash that two commits share, or none has, or that is too short, is refused at once', async () => {
    const site = await makeSite();
    const { prefix, shas } = await mergeAmbiguous(site.work);
    await pushAll(site);
    const refusal = (target: string) =>
      signal(site, target).then(
        () => null,
        (error: unknown) => (error instanceof ApiError ? error : null),
      );
    const twins = await refusal(prefix);
    expect(twins).toMatchObject({ status: 400, reason: 'ambiguous_commit' });
    for (const sha of shas) expect(twins?.message).toContain(sha);
    expect(await refusal('abcdef1')).toMatchObject({ status: 400 });
    const v1 = await fetch(
      `${place.installation.url()}/api/v1/website/${site.application.id}/deploy/`,
      {
        method: 'POST',
        body: new URLSearchParams({ stage: 'live', commit: prefix }),
        headers: { authorization: `Basic ${place.token}` },
      },
    );
    expect(v1.status).toBe(400);
    expect(await v1.text()).toContain(shas[0]);
    const [one] = await ask(site, [shas[1].slice(0, 12)]);
    expect(one).toMatchObject({ status: 'SUCCEEDED', commit: shas[1] });
  });
});

test('asked for before its push: that commit goes live once it comes, by itself', async () => {
  const site = await makeSite();
  const sha = await site.work.commit('to come');
  const asked = await signal(site, sha);
  expect(asked.status).toBe('AWAITING_COMMIT');
  await site.work.git('push', '-q', 'origin', 'HEAD');
  expect(await ended(asked.uuid)).toMatchObject({ status: 'SUCCEEDED', commit: sha });
  expect(await site.liveCommit()).toBe(sha);
});

test('the host is away beyond the deadline: a failure that says so and can be asked for again', async () => {
  const site = await makeSite();
  const sha = await site.push('while it is away');
  host.be('broken');
  const failed = await ended((await signal(site, sha)).uuid);
  expect(failed).toMatchObject({ status: 'FAILED', reason_code: 'commit_unavailable' });
  expect(failed.reason).toMatch(/does not answer as it should/);
  host.be('up');
  const [again] = await ask(site, [sha]);
  expect(again?.status).toBe('SUCCEEDED');
});

test('a force push takes what waits off the branch: an end with that reason, and the rewritten head live', async () => {
  const site = await makeSite();
  await ask(site, [undefined]);
  // Whoever runs holds the place for long enough that the next one has to wait behind it.
  await site.work.commit('slow', { Procfile: 'web: python3 app.py\nrelease: sleep 6\n' });
  await pushAll(site);
  const slow = await signal(site);
  await expect
    .poll(async () => (await client().deployments.get(slow.uuid)).status, POLL)
    .toBe('RELEASING');
  await site.work.commit('doomed', { Procfile: 'web: python3 app.py\n' });
  await pushAll(site);
  const doomed = await signal(site);
  expect(doomed.status).toBe('QUEUED');
  await site.work.git('reset', '-q', '--hard', 'HEAD~1');
  const rewritten = await site.work.commit('rewritten', { Procfile: 'web: python3 app.py\n' });
  await pushAll(site);
  expect(await site.webhook(rewritten)).toBe(202);
  expect(await ended(doomed.uuid)).toMatchObject({
    ...{ status: 'CANCELLED', reason_code: 'removed_from_branch', commit: doomed.commit },
  });
  const [live] = await ask(site, [undefined]);
  expect(live).toMatchObject({ status: 'SUCCEEDED', commit: rewritten });
  expect(await site.liveCommit()).toBe(rewritten);
});

test('hosts in trouble fail one request each with its reason, and nobody else waits for them', async () => {
  const behaviours = ['silent', 'dripping', 'moving', 'gone', 'refusing'] as const;
  const hosts = await Promise.all(behaviours.map(() => createOutsideHost()));
  try {
    const waiting = await Promise.all(
      behaviours.map(async (behaviour, index) => {
        const trouble = hosts[index] ?? host;
        const stuck = await createOutsideSite(place, trouble, `trouble-${behaviour}`);
        sites.push(stuck);
        const sha = await stuck.push('unseen');
        trouble.be(behaviour);
        return { sha, asked: await signal(stuck, sha) };
      }),
    );
    expect(await ask(await makeSite(), [undefined])).toMatchObject([{ status: 'SUCCEEDED' }]);
    for (const { sha, asked } of waiting) {
      const end = await ended(asked.uuid);
      expect(end).toMatchObject({ status: 'FAILED', reason_code: 'commit_unavailable' });
      expect(end.reason).toContain(sha);
    }
  } finally {
    await Promise.all(hosts.map((one) => one.close()));
  }
});

test('webhooks twice and out of order after the signal: one deployment, and live stays the newest', async () => {
  const site = await makeSite();
  const second = await site.push('second');
  const third = await site.push('third');
  const [end] = await ask(site, [third]);
  expect(end?.status).toBe('SUCCEEDED');
  for (const sha of [third, second, third]) expect(await site.webhook(sha)).toBe(202);
  const deliveries = async () =>
    (await client().sources.deliveries(site.application.repository_uuid)).results.map(
      ({ state }) => state,
    );
  await expect.poll(deliveries, POLL).toEqual(['done', 'done', 'done']);
  await delay(500);
  expect(await site.liveCommit()).toBe(third);
  expect((await client().deployments.list({ environment: site.live.uuid })).count).toBe(1);
});
