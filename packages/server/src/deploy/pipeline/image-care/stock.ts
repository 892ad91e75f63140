import type { Store } from '../../../store/index.ts';
import type { ImageRow } from '../../../store/schema/deploy-pipeline.ts';
import type { ImageSize, Runtime } from '../../runtimes/runtime.ts';
import type { PipelineDeps } from '../deps.ts';
import { imagesInUse, type ReleaseOfImage, readRetentionFacts } from './facts.ts';
import { measure } from './measure.ts';
import { type KeptFor, type Retention, retain } from './retention.ts';

export interface ImageView {
  readonly uuid: string;
  readonly applicationUuid: string;
  readonly sha: string;
  /** Also `failed` and `removed` ones, as long as they take up room. */
  readonly state: ImageRow['state'];
  readonly digest: string | null;
  /** Its name in the registry, by digest; null: it is here alone. */
  readonly nameInRegistry: string | null;
  /** The deployment that built it. */
  readonly builtBy: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  /** Null where it cannot be told. */
  readonly size: ImageSize | null;
  /** Null: nobody needs it, and the next cleaning removes it. */
  readonly keptFor: KeptFor | 'building' | 'running' | null;
  /** Releases that name it, the newest first. */
  readonly releases: readonly ReleaseOfImage[];
}

export interface ImageStock {
  readonly images: readonly ImageView[];
  /** Why sizes are not known; null where they are. */
  readonly problem: string | null;
}

/** An application's images, the newest first: those that are kept, built, or take up room yet. */
export async function applicationStock(
  deps: PipelineDeps,
  applicationUuid: string,
): Promise<ImageStock> {
  const { limits, runtime, store } = deps;
  const facts = await readRetentionFacts(store.db, applicationUuid, limits.keepReleases);
  const rows = await imageRows(store, applicationUuid);
  const measured = await measure(
    runtime,
    rows.filter(({ state }) => state !== 'building').map(({ uuid }) => uuid),
  );
  const inUse = await imagesInUse(store.db);
  const retention = retain(facts, null);
  const images = rows
    .filter(({ uuid, state }) => ['ready', 'building'].includes(state) || measured.sizes.has(uuid))
    .map((row) => ({
      uuid: row.uuid,
      applicationUuid,
      sha: row.sha,
      state: row.state,
      digest: row.digest,
      nameInRegistry: nameInRegistry(runtime, row),
      builtBy: row.deployment_uuid,
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      size: measured.sizes.get(row.uuid) ?? null,
      keptFor: keptFor(row, retention, inUse),
      releases: facts.releases
        .filter(({ imageUuid }) => imageUuid === row.uuid)
        .sort((a, b) => (b.liveAt ?? '').localeCompare(a.liveAt ?? '')),
    }));
  return { images, problem: measured.problem };
}

function imageRows({ db }: Store, applicationUuid: string): Promise<ImageRow[]> {
  return db
    .selectFrom('images')
    .selectAll()
    .where('application_uuid', '=', applicationUuid)
    .orderBy('created_at', 'desc')
    .execute();
}

function keptFor(
  { uuid, state }: ImageRow,
  retention: Retention,
  inUse: ReadonlySet<string>,
): ImageView['keptFor'] {
  if (state === 'building') return 'building';
  return retention.keptFor.get(uuid) ?? (inUse.has(uuid) ? 'running' : null);
}

function nameInRegistry(runtime: Runtime, { digest, plan }: ImageRow): string | null {
  return digest === null || plan === null ? null : runtime.nameInRegistry({ digest, plan });
}
