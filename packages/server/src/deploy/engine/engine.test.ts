import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Kit, openKit, PERSON } from './test/kit.ts';

/** The stories of spec/divio.md 6 and ordering.md 2-5, through the database and real repositories. */

let dataDir: string;
let kit: Kit;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-engine-'));
  kit = await openKit(dataDir);
  await kit.deploy.start();
});

afterEach(async () => {
  await kit.close();
  await rm(dataDir, { recursive: true, force: true });
  expect(kit.errors).toEqual([]);
});

test('a signal without a commit deploys the head and keeps it, whatever is pushed later', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const first = await kit.signal(live.uuid);
  expect(first).toMatchObject({ sha: c1, target: null, success: null, endedAt: null, percent: 0 });
  await kit.pushNew(repositoryUuid);
  (await kit.pipeline.runOf(c1)).succeed();
  const ended = await kit.untilEnded(first.uuid);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', success: true, sha: c1, percent: 100 });
  expect((await kit.deploy.environmentState(live.uuid)).liveCommit).toBe(c1);
  const stream = kit.deploy.log(first.uuid);
  while (!(await kit.store.logs.isEnded(stream))) await kit.store.events.wait(`log:${stream}`, 50);
  const log = await kit.store.logs.read(kit.deploy.log(first.uuid), 0, 10_000);
  expect(log.bytes.toString()).toContain('Deployment SUCCEEDED');
});

test('6.1: signals of ten commits in any order end with the newest; at most two further builds', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const shas: string[] = [];
  for (let i = 0; i < 10; i++) shas.push(await kit.pushNew(repositoryUuid));
  const [c1 = ''] = shas;
  const first = await kit.signal(live.uuid, c1);
  const run = await kit.pipeline.runOf(c1);
  const order = [5, 2, 9, 1, 8, 3, 7, 4, 6];
  const others = await Promise.all(order.map((i) => kit.signal(live.uuid, shas[i])));
  run.succeed();
  await kit.untilEnded(first.uuid);
  (await kit.pipeline.runOf(shas[9] ?? '')).succeed();
  const views = await Promise.all(others.map((d) => kit.untilEnded(d.uuid)));
  expect(kit.pipeline.startedShas).toEqual([c1, shas[9]]);
  for (const view of views) expect(view.success).toBe(true);
  const newest = views.find((view) => view.sha === shas[9]);
  for (const view of views)
    if (view !== newest) expect(view).toMatchObject({ status: 'SUPERSEDED' });
  expect(views.some((view) => view.supersededBy === newest?.uuid)).toBe(true);
  const starts = [first, ...others].map((d) => d.startedAt);
  expect(new Set(starts).size).toBe(starts.length);
});

test('the newest fails: the newest tested one that it had superseded returns (3.5)', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const [c1, c2, c3] = [
    await kit.pushNew(repositoryUuid),
    await kit.pushNew(repositoryUuid),
    await kit.pushNew(repositoryUuid),
  ];
  await kit.signal(live.uuid, c1);
  const first = await kit.pipeline.runOf(c1);
  const second = await kit.signal(live.uuid, c2);
  const third = await kit.signal(live.uuid, c3);
  expect(await kit.deploy.get(second.uuid)).toMatchObject({
    status: 'SUPERSEDED',
    rule: 'descendant',
    supersededBy: third.uuid,
    success: null,
    endedAt: null,
  });
  first.succeed();
  (await kit.pipeline.runOf(c3)).fail();
  expect(await kit.untilEnded(third.uuid)).toMatchObject({ status: 'FAILED', success: false });
  (await kit.pipeline.runOf(c2)).succeed();
  expect(await kit.untilEnded(second.uuid)).toMatchObject({ status: 'SUCCEEDED', success: true });
  const why = await kit.deploy.why((await kit.deploy.get(second.uuid))?.applicationUuid ?? '', c2);
  expect(why.environments).toMatchObject([{ slug: 'test' }, { slug: 'live', state: 'live' }]);
  expect(why.events.map((event) => event.rule)).toContain('superseder_failed');
});

test('the gate: awaits the build, goes on with the verdict; a red build fails it with its link', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  await kit.switchCi(repositoryUuid, true);
  const c1 = await kit.pushNew(repositoryUuid);
  const id = await kit.build(repositoryUuid, c1, 'unfinished');
  const waiting = await kit.signal(live.uuid, c1);
  await kit.untilStatus(waiting.uuid, 'AWAITING_BUILD');
  await kit.build(repositoryUuid, c1, 'passed', id);
  (await kit.pipeline.runOf(c1)).succeed();
  expect(await kit.untilEnded(waiting.uuid)).toMatchObject({ status: 'SUCCEEDED' });

  const c2 = await kit.pushNew(repositoryUuid);
  await kit.build(repositoryUuid, c2, 'failed');
  const red = await kit.signal(live.uuid, c2);
  const ended = await kit.untilEnded(red.uuid);
  expect(ended).toMatchObject({ status: 'FAILED', reasonCode: 'untested', rule: 'untested' });
  expect(ended.reason).toContain('http://sluice/builds/2');

  // 2.6: without a commit, the newest tested one at or before the red head; here it is live already.
  const c3 = await kit.pushNew(repositoryUuid);
  await kit.build(repositoryUuid, c3, 'passed');
  const c4 = await kit.pushNew(repositoryUuid);
  await kit.build(repositoryUuid, c4, 'failed');
  const head = await kit.signal(live.uuid);
  (await kit.pipeline.runOf(c3)).succeed();
  expect(await kit.untilEnded(head.uuid)).toMatchObject({ status: 'SUPERSEDED', success: true });
  expect((await kit.deploy.environmentState(live.uuid)).liveCommit).toBe(c3);
});

test('6.2: a signal before its commit is awaited and goes live when the push comes', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  await kit.pushNew(repositoryUuid);
  // Made in another repository, so that nothing of it is here when the signal comes.
  const other = await kit.makeApplication('elsewhere');
  const here = kit.git.path(repositoryUuid);
  await kit.gitIn(other.repositoryUuid, 'fetch', '-q', here, 'main:refs/heads/main');
  const head = await kit.git.history(repositoryUuid).head('main');
  const c2 = await kit.commit(other.repositoryUuid, [head ?? '']);
  await kit.push(other.repositoryUuid, c2);
  const early = await kit.signal(live.uuid, c2);
  expect(early.status).toBe('AWAITING_COMMIT');
  await kit.gitIn(
    repositoryUuid,
    'fetch',
    '-q',
    kit.git.path(other.repositoryUuid),
    'main:refs/heads/main',
  );
  await kit.git.reconcileRefs(repositoryUuid);
  (await kit.pipeline.runOf(c2)).succeed();
  expect(await kit.untilEnded(early.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('6.2: objects that come before the branch moves do not make it skipped', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const other = await kit.makeApplication('elsewhere');
  await kit.gitIn(other.repositoryUuid, 'fetch', '-q', kit.git.path(repositoryUuid), 'main');
  const c2 = await kit.commit(other.repositoryUuid, [c1]);
  await kit.push(other.repositoryUuid, c2);
  const early = await kit.signal(live.uuid, c2);
  await kit.gitIn(repositoryUuid, 'fetch', '-q', kit.git.path(other.repositoryUuid), 'main');
  await kit.deploy.environmentChanged(live.uuid);
  expect(await kit.deploy.get(early.uuid)).toMatchObject({ status: 'AWAITING_COMMIT' });
  await kit.push(repositoryUuid, c2);
  (await kit.pipeline.runOf(c2)).succeed();
  expect(await kit.untilEnded(early.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('targets: prefixes, tags and branches are resolved; what is unknown is refused or fails at once', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  await kit.gitIn(repositoryUuid, 'tag', 'v1', c1);
  const byTag = await kit.signal(live.uuid, 'v1');
  expect(byTag).toMatchObject({ target: 'v1', sha: c1 });
  const again = await kit.deploy.signal({
    environmentUuid: live.uuid,
    target: c1.slice(0, 10),
    via: 'v3',
    identity: PERSON,
  });
  expect(again).toMatchObject({ joined: true, deployment: { uuid: byTag.uuid } });
  await expect(kit.signal(live.uuid, 'abcdef1234')).rejects.toMatchObject({ code: 'invalid' });
  const unknown = await kit.signal(live.uuid, 'no-such-branch');
  expect(unknown).toMatchObject({ status: 'FAILED', reasonCode: 'unknown_target' });
  expect(unknown.reason).toContain('main');
});

test('an idempotency key answers with the same deployment, also after its end', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const first = await kit.signal(live.uuid, c1, { idempotencyKey: 'k1', buildMode: 'FORCE' });
  (await kit.pipeline.runOf(c1)).succeed();
  await kit.untilEnded(first.uuid);
  const answers = await Promise.all(
    [1, 2, 3].map(() => kit.signal(live.uuid, c1, { idempotencyKey: 'k1', buildMode: 'FORCE' })),
  );
  for (const answer of answers) expect(answer.uuid).toBe(first.uuid);
  const reused = { reason: 'idempotency_key_reused' };
  await expect(kit.signal(live.uuid, 'main', { idempotencyKey: 'k1' })).rejects.toMatchObject(
    reused,
  );
  const asked = { idempotencyKey: 'k1', buildMode: 'FORCE' as const };
  for (const other of [
    { buildMode: 'AUTO' as const },
    { allowOffBranch: true },
    { overrideHold: true },
  ])
    await expect(kit.signal(live.uuid, c1, { ...asked, ...other })).rejects.toMatchObject(reused);
  expect((await kit.signal(live.uuid, c1.toUpperCase(), asked)).uuid).toBe(first.uuid);
});

test('off the branch is skipped, or deployed where a person allows it', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const feature = await kit.commit(repositoryUuid, [c1]);
  await kit.push(repositoryUuid, feature, 'feature');
  const skipped = await kit.signal(live.uuid, feature);
  expect(skipped).toMatchObject({ status: 'SKIPPED', success: true, reasonCode: 'not_on_branch' });
  const allowed = await kit.signal(live.uuid, feature, { allowOffBranch: true, identity: PERSON });
  (await kit.pipeline.runOf(feature)).succeed();
  expect(await kit.untilEnded(allowed.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('rollback holds, remembers, and resume deploys the candidate with the others behind it', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const c2 = await kit.pushNew(repositoryUuid);
  for (const sha of [c1, c2]) {
    const d = await kit.signal(live.uuid, sha);
    (await kit.pipeline.runOf(sha)).succeed();
    await kit.untilEnded(d.uuid);
  }
  const back = await kit.deploy.rollback(live.uuid, { reason: 'it is broken' }, PERSON);
  (await kit.pipeline.runOf(c1, 2)).succeed();
  expect(await kit.untilEnded(back.uuid)).toMatchObject({ status: 'SUCCEEDED', sha: c1 });
  expect(await kit.deploy.environmentState(live.uuid)).toMatchObject({
    liveCommit: c1,
    hold: { by: PERSON.email, reason: 'it is broken' },
  });
  const c3 = await kit.pushNew(repositoryUuid);
  const c4 = await kit.pushNew(repositoryUuid);
  const held4 = await kit.signal(live.uuid, c4);
  const held3 = await kit.signal(live.uuid, c3);
  expect(held3).toMatchObject({ status: 'HELD', success: false, reasonCode: 'on_hold' });
  expect((await kit.deploy.environmentState(live.uuid)).candidateDeploymentUuid).toBe(held4.uuid);
  const resumed = await kit.deploy.resume(live.uuid, PERSON);
  expect(resumed).toMatchObject({ sha: c4, requestedBy: PERSON.email });
  (await kit.pipeline.runOf(c4)).fail();
  (await kit.pipeline.runOf(c3)).succeed();
  await kit.untilEnded(resumed?.uuid ?? '');
  await kit.until(
    (await kit.deploy.list({ environmentUuids: [live.uuid], offset: 0, limit: 1 })).deployments[0]
      ?.uuid ?? '',
    (d) => d.endedAt !== null,
  );
  expect((await kit.deploy.environmentState(live.uuid)).liveCommit).toBe(c3);
});

test('cancel before the switch stops it; after it, it is too late', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const first = await kit.signal(live.uuid, c1);
  const run = await kit.pipeline.runOf(c1);
  await run.reach('RELEASING');
  await kit.deploy.cancel(first.uuid, PERSON);
  expect(await kit.untilEnded(first.uuid)).toMatchObject({ status: 'CANCELLED', success: false });
  expect(run.abort.aborted).toBe(true);
  const c2 = await kit.pushNew(repositoryUuid);
  const second = await kit.signal(live.uuid, c2);
  expect(await (await kit.pipeline.runOf(c2)).switchOver()).toBe(true);
  await expect(kit.deploy.cancel(second.uuid, PERSON)).rejects.toMatchObject({
    code: 'conflict',
    reason: 'already_live',
  });
  (await kit.pipeline.runOf(c2)).succeed();
  expect(await kit.untilEnded(second.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('auto_deploy: each commit of the branch that becomes tested makes one signal', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  await kit.switchCi(repositoryUuid, true);
  await kit.store.db
    .updateTable('environments')
    .set({ auto_deploy: 1 })
    .where('uuid', '=', live.uuid)
    .execute();
  kit.pipeline.automatic = () => true;
  const c1 = await kit.pushNew(repositoryUuid);
  const id = await kit.build(repositoryUuid, c1, 'unfinished');
  await kit.build(repositoryUuid, c1, 'passed', id);
  await kit.pipeline.runOf(c1);
  // Tested on a feature branch first, then brought to the branch by a fast-forward.
  const c2 = await kit.commit(repositoryUuid, [c1]);
  await kit.push(repositoryUuid, c2, 'feature');
  await kit.build(repositoryUuid, c2, 'passed');
  await kit.push(repositoryUuid, c2);
  const run = await kit.pipeline.runOf(c2);
  await kit.untilEnded(run.job.deploymentUuid);
  expect((await kit.deploy.environmentState(live.uuid)).liveCommit).toBe(c2);
  const { deployments } = await kit.deploy.list({
    environmentUuids: [live.uuid],
    offset: 0,
    limit: 10,
  });
  expect(deployments.map((d) => d.sha)).toEqual([c2, c1]);
});

test('R6: unfinished deployments come last, and not at all before anything has finished', async () => {
  const { live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const filter = { environmentUuids: [live.uuid], offset: 0, limit: 10 };
  const first = await kit.signal(live.uuid, c1);
  expect(await kit.deploy.list({ ...filter, unfinishedLast: true })).toMatchObject({ count: 0 });
  (await kit.pipeline.runOf(c1)).succeed();
  await kit.untilEnded(first.uuid);
  const second = await kit.signal(live.uuid, await kit.pushNew(repositoryUuid));
  const listed = await kit.deploy.list({ ...filter, unfinishedLast: true });
  expect(listed.deployments.map((d) => d.uuid)).toEqual([first.uuid, second.uuid]);
  const plain = await kit.deploy.list(filter);
  expect(plain.deployments.map((d) => d.uuid)).toEqual([second.uuid, first.uuid]);
});

// On PostgreSQL a server that lives keeps what it performs: e2e/scenarios/several-servers.test.ts kills it.
const { SLUICE_TEST_DATABASE: database = 'sqlite' } = process.env;
test.skipIf(database === 'postgres')(
  'the next server takes up what was running, and the old one has lost its right',
  async () => {
    const { live, repositoryUuid } = await kit.makeApplication();
    const c1 = await kit.pushNew(repositoryUuid);
    const d = await kit.signal(live.uuid, c1);
    const run = await kit.pipeline.runOf(c1);
    await run.reach('SCALING');
    const next = await openKit(dataDir);
    await next.deploy.start();
    const again = await next.pipeline.runOf(c1);
    expect(again.job).toMatchObject({ resumeFrom: 'SCALING' });
    expect(again.job.fence).toBeGreaterThan(run.job.fence);
    await expect(run.switchOver()).rejects.toMatchObject({ name: 'FenceLost' });
    again.succeed();
    expect(await next.untilEnded(d.uuid)).toMatchObject({ status: 'SUCCEEDED' });
    await next.close();
  },
);

test('a removal ends all that is under way, and nothing slips in behind it', async () => {
  const { application, live, test: other, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const c2 = await kit.pushNew(repositoryUuid);
  const running = await kit.signal(live.uuid, c1);
  const run = await kit.pipeline.runOf(c1);
  const queued = await kit.signal(live.uuid, c2);
  const awaiting = await kit.signal(other.uuid, 'f'.repeat(40));
  // Signals that are being accepted at the very moment: each is refused, or ends.
  const late = Array.from({ length: 8 }, async (_, index) => {
    const target = `${index}`.repeat(40);
    return kit.signal(live.uuid, target).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'not_found' });
      return null;
    });
  });
  await kit.applications.remove(application.uuid);
  await kit.deploy.environmentRemoved(live.uuid, PERSON);
  await kit.deploy.environmentRemoved(other.uuid, PERSON);
  for (const accepted of await Promise.all(late))
    if (accepted !== null)
      expect(await kit.untilEnded(accepted.uuid)).toMatchObject({ status: 'CANCELLED' });
  expect(await kit.untilEnded(queued.uuid)).toMatchObject({ status: 'CANCELLED' });
  expect(await kit.untilEnded(awaiting.uuid)).toMatchObject({ status: 'CANCELLED' });
  expect(run.abort.aborted).toBe(true);
  run.fail('cancelled');
  expect(await kit.untilEnded(running.uuid)).toMatchObject({ status: 'CANCELLED' });
  await expect(kit.signal(live.uuid, c2)).rejects.toMatchObject({ code: 'not_found' });
});

test('killed between the removal and its end, the next server ends what is left', async () => {
  const { application, live, repositoryUuid } = await kit.makeApplication();
  const c1 = await kit.pushNew(repositoryUuid);
  const running = await kit.signal(live.uuid, c1);
  await kit.pipeline.runOf(c1);
  const awaiting = await kit.signal(live.uuid, 'f'.repeat(40));
  await kit.applications.remove(application.uuid);
  await kit.close();
  kit = await openKit(dataDir);
  await kit.deploy.start();
  for (const { uuid } of [running, awaiting])
    expect(await kit.untilEnded(uuid)).toMatchObject({ status: 'CANCELLED' });
});

test('time in which no server ran is not counted: nobody fails for what could not come', async () => {
  await kit.close();
  const limits = { commitWaitMs: 1_500, buildAbsentMs: 1_500 };
  kit = await openKit(dataDir, limits);
  await kit.deploy.start();
  const { live, test: other, repositoryUuid } = await kit.makeApplication();
  await kit.switchCi(repositoryUuid, true);
  const c1 = await kit.pushNew(repositoryUuid);
  const untested = await kit.signal(live.uuid, c1);
  const absent = await kit.signal(other.uuid, 'f'.repeat(40));
  await kit.untilStatus(untested.uuid, 'AWAITING_BUILD');
  await kit.close();
  await new Promise((done) => setTimeout(done, 1_600));
  kit = await openKit(dataDir, limits);
  await kit.deploy.start();
  expect((await kit.deploy.get(absent.uuid))?.endedAt).toBeNull();
  await kit.build(repositoryUuid, c1, 'passed');
  (await kit.pipeline.runOf(c1)).succeed();
  expect(await kit.untilEnded(untested.uuid)).toMatchObject({ status: 'SUCCEEDED' });
  // What was going to fail still does, once a server has waited for it.
  expect(await kit.untilEnded(absent.uuid)).toMatchObject({ reasonCode: 'commit_unavailable' });
});
