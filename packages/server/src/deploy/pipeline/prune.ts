import type { Trx } from '../../store/index.ts';
import type { PipelineDeps } from './deps.ts';
import { imagesInUse, readRetentionFacts } from './image-care/facts.ts';
import { retain } from './image-care/retention.ts';

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
  await deps.store.transaction((trx) =>
    endUnneeded(deps, trx, applicationUuid, new Set([environmentUuid])),
  );
  await removeStrayImages(deps);
  await endTasks(deps, deploymentUuid);
}

/** The rows' part, for the releases of these environments and the images of their application. */
export async function endUnneeded(
  { limits }: Pick<PipelineDeps, 'limits'>,
  trx: Trx,
  applicationUuid: string,
  environmentUuids: ReadonlySet<string>,
): Promise<void> {
  const facts = await readRetentionFacts(trx, applicationUuid, limits.keepReleases);
  const orphans = facts.releases.filter(({ isOrphan }) => isOrphan);
  // Nothing runs in an environment that is gone, and no deployment of it comes by to tidy up.
  const ending = new Set([
    ...environmentUuids,
    ...orphans.map(({ environmentUuid }) => environmentUuid),
  ]);
  const { endedReleases, keptFor } = retain(facts, ending);
  if (endedReleases.length > 0) {
    await trx
      .updateTable('releases')
      .set({ removed_at: new Date().toISOString() })
      .where('uuid', 'in', endedReleases)
      .execute();
  }
  const unneeded = facts.images.filter((uuid) => !keptFor.has(uuid));
  if (unneeded.length > 0) {
    await trx
      .updateTable('images')
      .set({ state: 'removed' })
      .where('uuid', 'in', unneeded)
      .execute();
  }
}

/** Release commands of deployments that ended, or that have come so far that nothing repeats them. */
export async function endTasks(deps: PipelineDeps, beyond: string | null = null): Promise<void> {
  const unfinished = await deps.store.db
    .selectFrom('deployments')
    .select('uuid')
    .where('ended_at', 'is', null)
    .execute();
  const uuids = unfinished.map((row) => row.uuid).filter((uuid) => uuid !== beyond);
  const atWork = await deps.store.db
    .selectFrom('cron_runs')
    .select('uuid')
    .where('ended_at', 'is', null)
    .execute();
  await deps.runtime.endTasks(new Set([...uuids, ...atWork.map(({ uuid }) => `cron-${uuid}`)]));
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
  const inUse = await imagesInUse(deps.store.db);
  const kept = new Set([...wanted.map((row) => row.uuid), ...inUse]);
  for (const uuid of onDisk) {
    if (!kept.has(uuid)) await deps.runtime.removeImage(uuid);
  }
}
