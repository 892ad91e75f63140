import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Kit, openKit } from './test/kit.ts';

/** ordering.md 2.1, 2.2 and 2.4 with a repository that lives elsewhere and tells nobody of its pushes (divio.md R13). */

let dataDir: string;
let kit: Kit;
let origin: TestRepository;
let live: { readonly uuid: string };

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-engine-mirror-'));
  kit = await openKit(dataDir, { secondLookMs: 400, commitWaitMs: 20_000 });
  await kit.deploy.start();
  origin = await createRepository();
  await origin.commit('first');
  const made = await kit.makeApplication();
  live = made.live;
  const mirror = await kit.store.transaction(async (trx) => {
    const slug = 'default/elsewhere';
    const { organisationUuid } = made.application;
    const row = await kit.git.createMirror(trx, { organisationUuid, slug, url: origin.path });
    await trx
      .updateTable('applications')
      .set({ repository_uuid: row.uuid })
      .where('uuid', '=', made.application.uuid)
      .execute();
    return row;
  });
  await kit.switchCi(mirror.uuid, false);
  await kit.git.fetch(mirror.uuid);
});

afterEach(async () => {
  await kit.close();
  await origin.remove();
  await rm(dataDir, { recursive: true, force: true });
  expect(kit.errors).toEqual([]);
});

test('a commit that was pushed a moment ago, whose webhook never comes, goes live', async () => {
  const sha = await origin.commit('second');
  const asked = await kit.signal(live.uuid, sha);
  expect(asked.sha).toBe(sha);
  (await kit.pipeline.runOf(sha)).succeed();
  expect(await kit.untilEnded(asked.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('without a commit: the head as fetched after the signal arrived', async () => {
  const sha = await origin.commit('second');
  const asked = await kit.signal(live.uuid);
  expect(asked).toMatchObject({ target: null, sha });
  await origin.commit('third');
  (await kit.pipeline.runOf(sha)).succeed();
  expect(await kit.untilEnded(asked.uuid)).toMatchObject({ status: 'SUCCEEDED', sha });
});

test('a commit that is pushed after its signal is fetched by itself', async () => {
  const sha = await origin.commit('second');
  await origin.git('update-ref', 'refs/hidden/second', sha);
  await origin.git('update-ref', 'refs/heads/main', `${sha}~1`);
  const asked = await kit.signal(live.uuid, sha);
  await kit.untilStatus(asked.uuid, 'AWAITING_COMMIT');
  await origin.git('update-ref', 'refs/heads/main', sha);
  (await kit.pipeline.runOf(sha)).succeed();
  expect(await kit.untilEnded(asked.uuid)).toMatchObject({ status: 'SUCCEEDED' });
});

test('off the branch is looked at twice: merged in between it goes live, else it is skipped', async () => {
  await origin.branch('feature');
  const merged = await origin.commit('merged by fast-forward');
  const asked = await kit.signal(live.uuid, merged);
  await kit.until(asked.uuid, (view) => view.status === 'AWAITING_COMMIT');
  await origin.git('update-ref', 'refs/heads/main', merged);
  (await kit.pipeline.runOf(merged)).succeed();
  expect(await kit.untilEnded(asked.uuid)).toMatchObject({ status: 'SUCCEEDED' });

  const stays = await origin.commit('stays on its branch');
  const other = await kit.signal(live.uuid, stays);
  expect(await kit.untilEnded(other.uuid)).toMatchObject({
    ...{ status: 'SKIPPED', success: true, reasonCode: 'not_on_branch' },
  });
});
