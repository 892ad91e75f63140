import { SluiceError } from '../../errors.ts';
import type { ReleaseRow } from '../../store/schema/deploy-pipeline.ts';
import type { EngineDeps } from './context.ts';

export interface RollbackTo {
  readonly releaseUuid?: string;
  readonly deploymentUuid?: string;
  readonly reason?: string;
}

/** The release that a rollback asks for: by name, or the one that was live before. 4.1: refused beforehand when it is gone. */
export async function findRelease(
  deps: EngineDeps,
  environmentUuid: string,
  to: RollbackTo,
): Promise<ReleaseRow> {
  const release = await (to.releaseUuid === undefined && to.deploymentUuid === undefined
    ? previous(deps, environmentUuid)
    : named(deps, environmentUuid, to));
  if (release.removed_at !== null || !(await imageIsKept(deps, release)))
    throw new SluiceError(
      'conflict',
      `The image of release ${release.uuid} is not kept any more.`,
      {
        reason: 'image_gone',
        remedy: 'Roll back to a newer release, or deploy its commit again.',
      },
    );
  return release;
}

async function named(
  { store }: EngineDeps,
  environmentUuid: string,
  { releaseUuid, deploymentUuid }: RollbackTo,
): Promise<ReleaseRow> {
  let query = store.db
    .selectFrom('releases')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .where('live_at', 'is not', null);
  if (releaseUuid !== undefined) query = query.where('uuid', '=', releaseUuid);
  if (deploymentUuid !== undefined) {
    const deployment = await store.db
      .selectFrom('deployments')
      .select('release_uuid')
      .where('uuid', '=', deploymentUuid)
      .executeTakeFirst();
    query = query.where('uuid', '=', deployment?.release_uuid ?? '');
  }
  const found = await query.executeTakeFirst();
  if (found) return found;
  throw new SluiceError('not_found', 'There is no such release that was live here.', {
    reason: 'unknown_release',
  });
}

async function previous({ store }: EngineDeps, environmentUuid: string): Promise<ReleaseRow> {
  const state = await store.db
    .selectFrom('environment_state')
    .select('live_release_uuid')
    .where('environment_uuid', '=', environmentUuid)
    .executeTakeFirst();
  const found = await store.db
    .selectFrom('releases')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .where('live_at', 'is not', null)
    .where('removed_at', 'is', null)
    .where('uuid', '!=', state?.live_release_uuid ?? '')
    .orderBy('live_at', 'desc')
    .executeTakeFirst();
  if (found) return found;
  throw new SluiceError('conflict', 'There is no earlier release to go back to.', {
    reason: 'no_release',
  });
}

async function imageIsKept({ store }: EngineDeps, release: ReleaseRow): Promise<boolean> {
  if (release.image_uuid === null) return false;
  const image = await store.db
    .selectFrom('images')
    .select('state')
    .where('uuid', '=', release.image_uuid)
    .executeTakeFirst();
  return image?.state === 'ready';
}
