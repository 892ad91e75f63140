import type { PipelineDeps } from './deps.ts';
import { keptReleases } from './releases.ts';

/**
 * Removes what nobody can need again: releases of an environment beyond the kept ones (never the live one), those of
 * deployments that ended without going live, and images that no release names. The newest ready images of an
 * application stay, so that a failed deployment can be tried again without a build.
 */
export async function prune(
  deps: PipelineDeps,
  applicationUuid: string,
  environmentUuid: string,
  deploymentUuid: string | null = null,
): Promise<void> {
  const now = new Date().toISOString();
  const { keepReleases } = deps.limits;
  await deps.store.transaction(async (trx) => {
    const state = await trx
      .selectFrom('environment_state')
      .select('live_release_uuid')
      .where('environment_uuid', '=', environmentUuid)
      .executeTakeFirst();
    const beyond = (await keptReleases(trx, environmentUuid))
      .slice(keepReleases)
      .filter((row) => row.uuid !== state?.live_release_uuid)
      .map((row) => row.uuid);
    const unfinished = await trx
      .selectFrom('deployments')
      .select('uuid')
      .where('ended_at', 'is', null)
      .execute();
    const failed = await trx
      .selectFrom('releases')
      .select(['uuid', 'deployment_uuid'])
      .where('environment_uuid', '=', environmentUuid)
      .where('live_at', 'is', null)
      .where('removed_at', 'is', null)
      .execute();
    const running = new Set(unfinished.map((row) => row.uuid));
    const gone = failed.filter((row) => !running.has(row.deployment_uuid)).map((row) => row.uuid);
    const all = [...beyond, ...gone];
    if (all.length > 0) {
      await trx.updateTable('releases').set({ removed_at: now }).where('uuid', 'in', all).execute();
    }

    const named = await trx
      .selectFrom('releases')
      .select('image_uuid')
      .where('application_uuid', '=', applicationUuid)
      .where('removed_at', 'is', null)
      .execute();
    const ready = await trx
      .selectFrom('images')
      .select('uuid')
      .where('application_uuid', '=', applicationUuid)
      .where('state', '=', 'ready')
      .orderBy('created_at', 'desc')
      .execute();
    const needed = new Set(named.map((row) => row.image_uuid));
    const unneeded = ready
      .slice(keepReleases)
      .map((row) => row.uuid)
      .filter((uuid) => !needed.has(uuid));
    if (unneeded.length > 0) {
      await trx
        .updateTable('images')
        .set({ state: 'removed' })
        .where('uuid', 'in', unneeded)
        .execute();
    }
  });
  await removeStrayImages(deps);
  await endTasks(deps, deploymentUuid);
}

/** Release commands of deployments that ended, or that have come so far that nothing repeats them. */
export async function endTasks(deps: PipelineDeps, beyond: string | null = null): Promise<void> {
  const unfinished = await deps.store.db
    .selectFrom('deployments')
    .select('uuid')
    .where('ended_at', 'is', null)
    .execute();
  const uuids = unfinished.map((row) => row.uuid).filter((uuid) => uuid !== beyond);
  await deps.runtime.endTasks(new Set(uuids));
}

/**
 * Directories that nobody needs: of interrupted builds, of images that were damaged or whose removal a crash cut short.
 * What an instance still runs from stays, whatever is said of its image.
 */
export async function removeStrayImages(deps: PipelineDeps): Promise<void> {
  // Looked at first: an image that is begun from now on is not on this list.
  const onDisk = await deps.runtime.imageUuids();
  const wanted = await deps.store.db
    .selectFrom('images')
    .select('uuid')
    .where('state', 'in', ['ready', 'building'])
    .execute();
  const inUse = await deps.store.db
    .selectFrom('instances')
    .innerJoin('releases', 'releases.uuid', 'instances.release_uuid')
    .select('releases.image_uuid')
    .where('instances.state', '!=', 'stopped')
    .execute();
  const kept = new Set([...wanted.map((row) => row.uuid), ...inUse.map((row) => row.image_uuid)]);
  for (const uuid of onDisk) {
    if (!kept.has(uuid)) await deps.runtime.removeImage(uuid);
  }
}
