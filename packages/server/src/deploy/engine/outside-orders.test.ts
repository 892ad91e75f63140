import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import { historyShapes } from '@sluice/testing/history-shapes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Kit, openKit } from './test/kit.ts';

/**
 * Shapes of history and ways of asking, with a repository that lives elsewhere (issue 5, 6): whoever asks, in whatever
 * order and by whatever name, the newest by ancestry goes live and every request ends with a reason (ordering.md 3).
 */

let dataDir: string;
let kit: Kit;
let origin: TestRepository;
let live: string;
let repository: string;
let first: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-outside-orders-'));
  kit = await openKit(dataDir, { secondLookMs: 100, commitWaitMs: 6_000 });
  kit.pipeline.automatic = () => true;
  await kit.deploy.start();
  origin = await createRepository();
  first = await origin.commit('first', { base: '1' });
  const made = await kit.makeApplication();
  live = made.live.uuid;
  repository = await kit.store.transaction(async (trx) => {
    const { organisationUuid } = made.application;
    const row = await kit.git.createMirror(trx, {
      ...{ organisationUuid, slug: 'default/elsewhere', url: origin.path },
    });
    await trx
      .updateTable('applications')
      .set({ repository_uuid: row.uuid })
      .where('uuid', '=', made.application.uuid)
      .execute();
    return row.uuid;
  });
  await kit.switchCi(repository, false);
  await kit.git.fetch(repository);
});

afterEach(async () => {
  await kit.close();
  await origin.remove();
  await rm(dataDir, { recursive: true, force: true });
  expect(kit.errors).toEqual([]);
});

const liveCommit = async () => (await kit.deploy.environmentState(live)).liveCommit;

/** Asks for all of them at once, as several CI services do, and waits for every end. */
async function ask(...targets: (string | undefined)[]) {
  const asked = await Promise.all(targets.map((target) => kit.signal(live, target)));
  return Promise.all(asked.map(({ uuid }) => kit.untilEnded(uuid)));
}

const isEnded = expect.stringMatching(/^(SUCCEEDED|SUPERSEDED)$/);

describe.each(Object.entries(historyShapes))('%s', (_, make) => {
  test.each(['forwards', 'backwards'])('asked %s', async (order) => {
    const shape = await make(origin);
    const targets = order === 'forwards' ? shape.ask : [...shape.ask].reverse();
    const ended = await ask(...targets);
    for (const one of ended) expect(one).toMatchObject({ status: isEnded, success: true });
    expect(await liveCommit()).toBe(shape.live);
  });
});

test('several services at once, by branch, tag, commit, prefix and nothing: one is live, all are done', async () => {
  const second = await origin.commit('second', { base: '2' });
  await origin.tag('v2', 'annotated');
  const third = await origin.commit('third', { base: '3' });
  const ended = await ask('main', 'v2', third, second, undefined, first.slice(0, 10), third);
  for (const one of ended) expect(one).toMatchObject({ status: isEnded, success: true });
  expect(ended.map(({ sha }) => sha)).toEqual([third, second, third, second, third, first, third]);
  expect(await liveCommit()).toBe(third);
});

describe('what never goes live', () => {
  test('a commit that never comes, or is of another repository, fails at its deadline by name', async () => {
    const stranger = await createRepository();
    const foreign = await stranger.commit('elsewhere', { elsewhere: '1' });
    const ended = await ask('f'.repeat(40), foreign);
    await stranger.remove();
    for (const one of ended) {
      expect(one).toMatchObject({ status: 'FAILED', reasonCode: 'commit_unavailable' });
      expect(one.reason).toContain(one.sha);
    }
  });

  test('an unrelated history on another branch is skipped', async () => {
    await ask(first);
    await origin.git('checkout', '-q', '--orphan', 'other');
    const other = await origin.commit('other root', { other: '1' });
    const [ended] = await ask(other);
    expect(ended).toMatchObject({ status: 'SKIPPED', reasonCode: 'not_on_branch' });
    expect(await liveCommit()).toBe(first);
  });

  test('a prefix that is unknown is refused at once', async () => {
    await expect(kit.signal(live, 'abcdef1')).rejects.toMatchObject({ code: 'invalid' });
  });

  test('a name that a branch and a tag share with two commits is refused, naming both', async () => {
    await origin.tag('release');
    await origin.commit('second', { base: '2' });
    await origin.git('branch', 'release');
    await expect(kit.signal(live, 'release')).rejects.toMatchObject({
      ...{ code: 'invalid', message: expect.stringContaining('refs/tags/release') },
    });
  });
});

test('the host is away when it is asked for: it waits, and goes live when the host is back', async () => {
  const second = await origin.commit('second', { base: '2' });
  await rename(origin.path, `${origin.path}.away`);
  const asked = await kit.signal(live, second);
  expect(asked.status).toBe('AWAITING_COMMIT');
  await rename(`${origin.path}.away`, origin.path);
  expect(await kit.untilEnded(asked.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a force push under a running and a queued request: the rewritten head is live in the end', async () => {
  kit.pipeline.automatic = null;
  const second = await origin.commit('second', { base: '2' });
  const third = await origin.commit('third', { base: '3' });
  const running = await kit.signal(live, second);
  const run = await kit.pipeline.runOf(second);
  const queued = await kit.signal(live, third);
  await kit.untilStatus(queued.uuid, 'QUEUED');
  await origin.git('reset', '-q', '--hard', first);
  const rewritten = await origin.commit('rewritten', { base: '4' });
  const asked = await kit.signal(live, rewritten);
  expect(await kit.untilEnded(queued.uuid)).toMatchObject({
    status: expect.stringMatching(/^(CANCELLED|SUPERSEDED)$/),
  });
  run.succeed();
  await kit.untilEnded(running.uuid);
  (await kit.pipeline.runOf(rewritten)).succeed();
  expect(await kit.untilEnded(asked.uuid)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await liveCommit()).toBe(rewritten);
});

test('a force push that is undone while the older commit runs does not roll the environment back', async () => {
  const second = await origin.commit('second', { base: '2' });
  await ask(second);
  kit.pipeline.automatic = null;
  await origin.git('reset', '-q', '--hard', first);
  const older = await kit.signal(live, first);
  const run = await kit.pipeline.runOf(first);
  await origin.git('reset', '-q', '--hard', second);
  const third = await origin.commit('third', { base: '3' });
  const newest = await kit.signal(live, third);
  await kit.untilStatus(newest.uuid, 'QUEUED');
  run.succeed();
  expect(await kit.untilEnded(older.uuid)).toMatchObject({
    ...{ status: 'SUPERSEDED', success: true, rule: 'descendant' },
  });
  expect(await liveCommit()).toBe(second);
  (await kit.pipeline.runOf(third)).succeed();
  expect(await kit.untilEnded(newest.uuid)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await liveCommit()).toBe(third);
});
