import { environmentLock } from '../../locks.ts';
import type { PipelineDeps } from '../deps.ts';
import { endTasks, endUnneeded, removeStrayImages } from '../prune.ts';
import { applicationStock, type ImageView } from './stock.ts';

export interface Cleaning {
  /** What went, or with `dryRun` would go. */
  readonly removed: readonly ImageView[];
  /** Bytes that they took up, as far as that is known; images on an engine share some of them. */
  readonly freedBytes: number;
  /** Nobody needs them, but they are still there: something runs from them. */
  readonly left: readonly string[];
  /** Slugs of environments that are being changed: what is theirs is cleaned up when that ends. */
  readonly busy: readonly string[];
}

/** Applies the policy now, as each deployment does at its end: what no environment needs goes. */
export async function cleanApplication(
  deps: PipelineDeps,
  applicationUuid: string,
  dryRun: boolean,
): Promise<Cleaning> {
  const before = (await applicationStock(deps, applicationUuid)).images;
  const unneeded = before.filter((image) => image.keptFor === null);
  if (dryRun) return { removed: unneeded, freedBytes: bytesOf(unneeded), left: [], busy: [] };
  const busy = await endReleases(deps, applicationUuid);
  await removeStrayImages(deps);
  await endTasks(deps);
  const there = new Set(await deps.runtime.imageUuids());
  const wanted = new Set(
    (await applicationStock(deps, applicationUuid)).images
      .filter((image) => image.keptFor !== null)
      .map(({ uuid }) => uuid),
  );
  const removed = unneeded.filter(({ uuid }) => !there.has(uuid));
  const left = unneeded.filter(({ uuid }) => there.has(uuid) && !wanted.has(uuid));
  return { removed, freedBytes: bytesOf(removed), left: left.map(({ uuid }) => uuid), busy };
}

/** An environment that a deployment changes right now is left to it; answers the slugs of those. */
async function endReleases(deps: PipelineDeps, applicationUuid: string): Promise<string[]> {
  const { locks } = deps.store;
  const environments = await deps.store.db
    .selectFrom('environments')
    .select(['uuid', 'slug'])
    .where('application_uuid', '=', applicationUuid)
    .where('deleted_at', 'is', null)
    .orderBy('slug')
    .execute();
  const end = (uuids: readonly string[]) =>
    deps.store.transaction((trx) => endUnneeded(deps, trx, applicationUuid, new Set(uuids)));
  const busy: string[] = [];
  for (const { uuid, slug } of environments) {
    const done = await locks.holdIfFree(environmentLock(uuid), async () => {
      await end([uuid]);
      return true;
    });
    if (done === null) busy.push(slug);
  }
  // What is of no environment any more.
  await end([]);
  return busy;
}

/** What it takes up beyond what it shares, where that is known. */
const bytesOf = (images: readonly ImageView[]): number =>
  images.reduce((sum, { size }) => sum + (size?.ownBytes ?? size?.bytes ?? 0), 0);
