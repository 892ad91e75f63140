import { randomUUID } from 'node:crypto';
import type { Store, Trx } from '../../store/index.ts';
import type { ImageRow } from '../../store/schema/deploy-pipeline.ts';
import { comingBuild, type Wanted } from '../coming-build.ts';
import type { BuildMode } from '../pipeline-types.ts';
import type { BuiltImage } from '../runtimes/runtime.ts';

/** `environmentUuid` is of whoever claims; an image belongs to the application. */
export interface ImageKey extends Wanted {
  readonly inputs: string;
}

/** What to do for an image (spec/divio.md 3.3, spec/ordering.md 5). */
export type Claim =
  | { readonly kind: 'adopt'; readonly image: ImageRow }
  /** Somebody builds it; ask again when that has ended. */
  | { readonly kind: 'wait'; readonly image: ImageRow }
  /** It is ours to build; its row says so. */
  | { readonly kind: 'build'; readonly imageUuid: string }
  /** `ADOPT`, and another environment's deployment is about to build it; ask again when that has gone on. */
  | { readonly kind: 'coming'; readonly deploymentUuid: string }
  /** `ADOPT`, and there is none. */
  | { readonly kind: 'none' };

/**
 * Decides and takes in one transaction, so that of two deployments of one commit one builds and the other waits. An
 * adopted image is written into the release at once: from then on nobody removes it.
 */
export function claimImage(
  store: Store,
  key: ImageKey,
  mode: BuildMode,
  owner: { readonly deploymentUuid: string; readonly releaseUuid: string },
): Promise<Claim> {
  return store.transaction(async (trx) => {
    const known = mode === 'FORCE' ? [] : await imagesFor(trx, key);
    const ready = known.find((image) => image.state === 'ready');
    if (ready !== undefined) {
      await giveToRelease(trx, owner.releaseUuid, ready.uuid);
      return { kind: 'adopt', image: ready };
    }
    const building = known.find((image) => image.state === 'building');
    if (building !== undefined) return { kind: 'wait', image: building };
    if (mode === 'ADOPT') {
      const deploymentUuid = await comingBuild(trx, key);
      return deploymentUuid === null ? { kind: 'none' } : { kind: 'coming', deploymentUuid };
    }
    const imageUuid = randomUUID();
    await trx
      .insertInto('images')
      .values({
        uuid: imageUuid,
        application_uuid: key.applicationUuid,
        sha: key.sha,
        inputs: key.inputs,
        state: 'building',
        deployment_uuid: owner.deploymentUuid,
        digest: null,
        plan: null,
        reason: null,
        created_at: new Date().toISOString(),
        finished_at: null,
      })
      .execute();
    return { kind: 'build', imageUuid };
  });
}

export async function imageBuilt(
  store: Store,
  imageUuid: string,
  built: BuiltImage,
  releaseUuid: string,
): Promise<void> {
  await store.transaction(async (trx) => {
    await trx
      .updateTable('images')
      .set({
        state: 'ready',
        digest: built.digest,
        plan: built.plan,
        finished_at: new Date().toISOString(),
      })
      .where('uuid', '=', imageUuid)
      .execute();
    await giveToRelease(trx, releaseUuid, imageUuid);
  });
  store.events.emit(`image:${imageUuid}`);
}

/** Nobody adopts it from now on; who waits for it goes on alone. */
export async function imageFailed(store: Store, imageUuid: string, reason: string): Promise<void> {
  await store.db
    .updateTable('images')
    .set({ state: 'failed', reason, finished_at: new Date().toISOString() })
    .where('uuid', '=', imageUuid)
    .where('state', 'in', ['building', 'ready'])
    .execute();
  store.events.emit(`image:${imageUuid}`);
}

export async function readyImage(store: Store, uuid: string): Promise<BuiltImage | null> {
  const row = await store.db
    .selectFrom('images')
    .selectAll()
    .where('uuid', '=', uuid)
    .executeTakeFirst();
  if (row?.state !== 'ready' || row.plan === null || row.digest === null) return null;
  return { plan: row.plan, digest: row.digest };
}

/** Newest first. */
function imagesFor(trx: Trx, key: ImageKey): Promise<ImageRow[]> {
  return trx
    .selectFrom('images')
    .selectAll()
    .where('application_uuid', '=', key.applicationUuid)
    .where('sha', '=', key.sha)
    .where('inputs', '=', key.inputs)
    .where('state', 'in', ['ready', 'building'])
    .orderBy('created_at', 'desc')
    .execute();
}

async function giveToRelease(trx: Trx, releaseUuid: string, imageUuid: string): Promise<void> {
  await trx
    .updateTable('releases')
    .set({ image_uuid: imageUuid })
    .where('uuid', '=', releaseUuid)
    .execute();
}
