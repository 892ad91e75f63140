import type { PipelineDeps } from '../deps.ts';
import { measure } from './measure.ts';

export interface ImageSum {
  readonly images: number;
  /** Null where no size is known. */
  readonly bytes: number | null;
}

export interface ImageSums {
  /** By application, also of those that were removed. */
  readonly byApplication: ReadonlyMap<string, ImageSum>;
  /** Images that no row knows, left by a restored backup or another database. */
  readonly unknown: ImageSum;
  readonly problem: string | null;
}

/** What the images of all applications take up; the engine is asked once. */
export async function sumImages({ runtime, store }: PipelineDeps): Promise<ImageSums> {
  const rows = await store.db
    .selectFrom('images')
    .select(['uuid', 'application_uuid', 'state'])
    .execute();
  const known = new Set(rows.map(({ uuid }) => uuid));
  const found = await runtime.imageUuids().catch(() => []);
  const strangers = found.filter((uuid) => !known.has(uuid));
  const building = new Set(rows.filter(({ state }) => state === 'building').map((row) => row.uuid));
  const { sizes, problem } = await measure(runtime, [
    ...found.filter((uuid) => !building.has(uuid)),
  ]);
  const sum = (uuids: readonly string[]): ImageSum => {
    const bytes = uuids.flatMap((uuid) => sizes.get(uuid)?.bytes ?? []);
    return {
      images: uuids.length,
      bytes: bytes.length === 0 ? null : bytes.reduce((all, one) => all + one, 0),
    };
  };
  const byApplication = new Map<string, string[]>();
  for (const { uuid, application_uuid: application, state } of rows) {
    if (state !== 'ready' && state !== 'building' && !sizes.has(uuid)) continue;
    byApplication.set(application, [...(byApplication.get(application) ?? []), uuid]);
  }
  return {
    byApplication: new Map([...byApplication].map(([uuid, images]) => [uuid, sum(images)])),
    unknown: sum(strangers),
    problem,
  };
}
