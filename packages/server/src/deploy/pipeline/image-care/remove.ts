import { SluiceError } from '../../../errors.ts';
import type { PipelineDeps } from '../deps.ts';
import { imagesInUse } from './facts.ts';
import { applicationStock, type ImageView } from './stock.ts';

/** Removes one image that nothing needs. @throws SluiceError `conflict`, saying what needs it. */
export async function removeImage(deps: PipelineDeps, image: ImageView): Promise<void> {
  const { store, runtime } = deps;
  await store.transaction(async (trx) => {
    // Read in here: from the moment that a deployment adopts it, its release names it.
    const releases = await trx
      .selectFrom('releases')
      .select('uuid')
      .where('image_uuid', '=', image.uuid)
      .where('removed_at', 'is', null)
      .execute();
    if (releases.length > 0) throw inUse(image);
    await trx
      .updateTable('images')
      .set({ state: 'removed' })
      .where('uuid', '=', image.uuid)
      .where('state', '=', 'ready')
      .execute();
    const { applicationUuid: application } = image;
    store.changes.emit({ kind: 'application', id: application, application }, trx);
  });
  if ((await imagesInUse(store.db)).has(image.uuid)) return;
  await runtime.removeImage(image.uuid);
}

/** The image as it is now; null where there is none. @throws SluiceError `conflict` where something needs it. */
export async function removableImage(
  deps: PipelineDeps,
  applicationUuid: string,
  imageUuid: string,
): Promise<ImageView | null> {
  const { images } = await applicationStock(deps, applicationUuid);
  const image = images.find(({ uuid }) => uuid === imageUuid);
  if (image === undefined) return null;
  if (image.keptFor !== null && image.keptFor !== 'newest') throw inUse(image);
  return image;
}

function inUse({ keptFor, releases, uuid }: ImageView): SluiceError {
  const places = releases.map(({ environmentSlug }) => environmentSlug ?? 'a removed environment');
  const where = [...new Set(places)].join(', ');
  const why: Readonly<Record<string, string>> = {
    live: `it is live in ${where}`,
    deployment: `a deployment to ${where} works with it`,
    building: 'it is being built',
    running: 'something still runs from it',
  };
  const reason = why[keptFor ?? ''] ?? `${where} can be rolled back to it`;
  return new SluiceError('conflict', `Image ${uuid} is needed: ${reason}.`, {
    reason: 'image_in_use',
    remedy:
      keptFor === 'building' || keptFor === 'running'
        ? 'Try again when that has ended.'
        : 'It goes by itself when newer releases take its place; --keep-releases says how many are kept.',
  });
}
