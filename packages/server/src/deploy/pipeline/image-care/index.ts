/** The images that the runtime keeps: what there is, what for, and what may go. */
import { SluiceError } from '../../../errors.ts';
import type { PipelineDeps } from '../deps.ts';
import { removeStrayImages } from '../prune.ts';
import { type Cleaning, cleanApplication } from './clean.ts';
import { removableImage, removeImage } from './remove.ts';
import { applicationStock, type ImageStock } from './stock.ts';
import { type ImageSums, sumImages } from './sums.ts';

export type { Cleaning } from './clean.ts';
export type { ImageView } from './stock.ts';

/** How images are kept, for people. */
export interface ImagePolicy {
  /** process | docker */
  readonly runtime: string;
  /** Where they are pushed to; null: nowhere. */
  readonly registry: string | null;
  /** Releases of an environment that can be rolled back to, and newest images of an application. */
  readonly keepReleases: number;
}

export interface ImageCare {
  readonly policy: ImagePolicy;
  /** Of one application. */
  list(applicationUuid: string): Promise<ImageStock>;
  /** Of all, by application. */
  sums(): Promise<ImageSums>;
  /** The application of an image; null where there is no such image. */
  applicationOf(imageUuid: string): Promise<string | null>;
  /** @throws SluiceError `not_found`, or `conflict` where something needs it. */
  remove(applicationUuid: string, imageUuid: string): Promise<void>;
  /** Applies the policy now, to one application or (null) to all; with `dryRun` it only says what would go. */
  clean(applicationUuid: string | null, dryRun: boolean): Promise<Cleaning>;
}

export function createImageCare(deps: PipelineDeps): ImageCare {
  const { limits, runtime, store } = deps;
  return {
    policy: {
      runtime: runtime.name,
      registry: runtime.registry,
      keepReleases: limits.keepReleases,
    },
    list: (applicationUuid) => applicationStock(deps, applicationUuid),
    sums: () => sumImages(deps),
    applicationOf: async (imageUuid) => {
      const row = await store.db
        .selectFrom('images')
        .select('application_uuid')
        .where('uuid', '=', imageUuid)
        .executeTakeFirst();
      return row?.application_uuid ?? null;
    },
    remove: async (applicationUuid, imageUuid) => {
      const image = await removableImage(deps, applicationUuid, imageUuid);
      if (image === null) throw new SluiceError('not_found', 'Not found.');
      await removeImage(deps, image);
    },
    clean: async (applicationUuid, dryRun) => {
      const uuids = applicationUuid === null ? await applications(deps) : [applicationUuid];
      const parts: Cleaning[] = [];
      for (const application of uuids) {
        const part = await cleanApplication(deps, application, dryRun);
        parts.push(part);
        if (dryRun || part.removed.length === 0) continue;
        store.changes.emit({ kind: 'application', id: application, application });
      }
      if (!dryRun && applicationUuid === null) await removeStrayImages(deps);
      return {
        removed: parts.flatMap(({ removed }) => removed),
        freedBytes: parts.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
        left: parts.flatMap(({ left }) => left),
        busy: parts.flatMap(({ busy }) => busy),
      };
    },
  };
}

/** Those that have images, also those that were removed. */
async function applications({ store }: PipelineDeps): Promise<string[]> {
  const rows = await store.db
    .selectFrom('images')
    .select('application_uuid')
    .distinct()
    .where('state', 'in', ['ready', 'building'])
    .execute();
  return rows.map((row) => row.application_uuid);
}
