import type { Kysely } from 'kysely';
import type { Database } from '../store/index.ts';

export interface Wanted {
  readonly applicationUuid: string;
  /** Of whoever asks: it cannot wait for what stands behind it in its own queue. */
  readonly environmentUuid: string;
  readonly sha: string;
}

/** Where a deployment that builds has not built yet. */
const BEFORE_OR_IN_BUILD = ['PROVISIONING', 'BUILDING'];

/** Deployments that make an image of the commit, or would: none that adopts one or rolls back. */
const buildersOf = (db: Kysely<Database>, { applicationUuid, sha }: Wanted) =>
  db
    .selectFrom('deployments as d')
    .select('d.uuid')
    .where('d.application_uuid', '=', applicationUuid)
    .where('d.sha', '=', sha)
    .where('d.build_mode', '!=', 'ADOPT')
    .where('d.rollback_release_uuid', 'is', null)
    .limit(1);

/**
 * A deployment of another environment that is about to build an image of this commit (spec/ordering.md 5); null: none.
 *
 * One that is queued behind an `ADOPT` which may itself be waiting does not count: else two environments could each
 * wait for what the other one has in its queue, for ever.
 */
export async function comingBuild(db: Kysely<Database>, wanted: Wanted): Promise<string | null> {
  const row = await buildersOf(db, wanted)
    .where('d.environment_uuid', '!=', wanted.environmentUuid)
    .where('d.status', 'in', ['QUEUED', ...BEFORE_OR_IN_BUILD])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deployments as r')
            .select('r.uuid')
            .whereRef('r.environment_uuid', '=', 'd.environment_uuid')
            .where('r.build_mode', '=', 'ADOPT')
            .where('r.status', 'in', BEFORE_OR_IN_BUILD),
        ),
      ),
    )
    .orderBy('d.accepted_at')
    .executeTakeFirst();
  return row?.uuid ?? null;
}

/** Whether the asker's own environment runs a deployment that builds this commit, or is about to. */
export async function buildsHere(db: Kysely<Database>, wanted: Wanted): Promise<boolean> {
  const row = await buildersOf(db, wanted)
    .where('d.environment_uuid', '=', wanted.environmentUuid)
    .where('d.status', 'in', BEFORE_OR_IN_BUILD)
    .executeTakeFirst();
  return row !== undefined;
}
