import type { Store } from '../../store/index.ts';
import { buildsHere, comingBuild } from '../coming-build.ts';
import type { CommitFacts } from '../ordering/types.ts';
import type { Loaded } from './environment.ts';

/** Section 5: whether an image of this commit is built, being built, or neither. */
export async function imageOf(
  store: Store,
  loaded: Pick<Loaded, 'applicationUuid' | 'environmentUuid'>,
  sha: string,
): Promise<CommitFacts['image']> {
  const rows = await store.db
    .selectFrom('images')
    .select('state')
    .where('application_uuid', '=', loaded.applicationUuid)
    .where('sha', '=', sha)
    .where('state', 'in', ['ready', 'building'])
    .execute();
  if (rows.some((row) => row.state === 'ready')) return 'built';
  if (rows.length > 0) return 'building';
  const wanted = { ...loaded, sha };
  const coming =
    (await comingBuild(store.db, wanted)) !== null || (await buildsHere(store.db, wanted));
  return coming ? 'building' : 'none';
}

/** What a server that is gone had begun to build there: it is built anew, and nobody waits for it any more. */
export async function giveUpBuilds(store: Store, environmentUuid: string): Promise<void> {
  const given = await store.db
    .updateTable('images')
    .set({
      state: 'failed',
      reason: 'the server was stopped while it was built',
      finished_at: new Date().toISOString(),
    })
    .where('state', '=', 'building')
    .where('deployment_uuid', 'in', (query) =>
      query
        .selectFrom('deployments')
        .select('uuid')
        .where('environment_uuid', '=', environmentUuid),
    )
    .returning('uuid')
    .execute();
  for (const { uuid } of given) store.events.emit(`image:${uuid}`);
}
