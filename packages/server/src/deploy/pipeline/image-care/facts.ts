import type { Kysely } from 'kysely';
import type { Database, Trx } from '../../../store/index.ts';
import type { ReleaseFacts, RetentionFacts } from './retention.ts';

/** A release that is not removed, with what people call its environment. */
export interface ReleaseOfImage extends ReleaseFacts {
  readonly deploymentUuid: string;
  /** Null: the environment is gone. */
  readonly environmentSlug: string | null;
}

export interface ApplicationFacts extends RetentionFacts {
  readonly releases: readonly ReleaseOfImage[];
}

/** What decides about an application's images, as it is now. */
export async function readRetentionFacts(
  db: Kysely<Database> | Trx,
  applicationUuid: string,
  keepReleases: number,
): Promise<ApplicationFacts> {
  const application = await db
    .selectFrom('applications')
    .select('uuid')
    .where('uuid', '=', applicationUuid)
    .executeTakeFirst();
  const unfinished = await db
    .selectFrom('deployments')
    .select(['uuid', 'rollback_release_uuid'])
    .where('application_uuid', '=', applicationUuid)
    .where('ended_at', 'is', null)
    .execute();
  const running = new Set(unfinished.map(({ uuid }) => uuid));
  const rolledBackTo = new Set(unfinished.map((row) => row.rollback_release_uuid));
  const rows = await db
    .selectFrom('releases as r')
    .leftJoin('environments as e', 'e.uuid', 'r.environment_uuid')
    .leftJoin('environment_state as s', 's.environment_uuid', 'r.environment_uuid')
    .select(['r.uuid', 'r.environment_uuid', 'r.deployment_uuid', 'r.image_uuid', 'r.live_at'])
    .select(['e.slug', 'e.deleted_at', 's.live_release_uuid'])
    .where('r.application_uuid', '=', applicationUuid)
    .where('r.removed_at', 'is', null)
    .execute();
  const ready = await db
    .selectFrom('images')
    .select('uuid')
    .where('application_uuid', '=', applicationUuid)
    .where('state', '=', 'ready')
    .orderBy('created_at', 'desc')
    .execute();
  return {
    keepReleases,
    applicationExists: application !== undefined,
    images: ready.map(({ uuid }) => uuid),
    releases: rows.map((row) => {
      const isOrphan = row.slug === null || row.deleted_at !== null;
      return {
        uuid: row.uuid,
        environmentUuid: row.environment_uuid,
        environmentSlug: isOrphan ? null : row.slug,
        deploymentUuid: row.deployment_uuid,
        imageUuid: row.image_uuid,
        liveAt: row.live_at,
        isLive: row.live_release_uuid === row.uuid,
        isWanted: running.has(row.deployment_uuid) || rolledBackTo.has(row.uuid),
        isOrphan,
      };
    }),
  };
}

/** Images that something runs from, whatever is said of them. */
export async function imagesInUse(db: Kysely<Database>): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('instances')
    .innerJoin('releases', 'releases.uuid', 'instances.release_uuid')
    .select('releases.image_uuid')
    .where('instances.state', 'in', ['starting', 'serving', 'retiring'])
    .execute();
  return new Set(rows.flatMap(({ image_uuid }) => (image_uuid === null ? [] : [image_uuid])));
}
