import type { Kysely } from 'kysely';
import { SluiceError } from '../../errors.ts';
import type { Database, Store, Trx } from '../../store/index.ts';
import type { DeploymentRow, EnvironmentStateRow } from '../../store/schema/deploy.ts';
import type { EnvironmentState } from '../ordering/types.ts';
import { freshStateRow, toState } from './rows.ts';

/** Everything in the database that a decision about one environment rests on, read at one moment. */
export interface Loaded {
  readonly environmentUuid: string;
  /** It or its application was removed: what is under way there ends, and nothing begins. */
  readonly removed: boolean;
  readonly applicationUuid: string;
  readonly applicationName: string;
  readonly slug: string;
  readonly branch: string;
  readonly autoDeploy: boolean;
  readonly gate: boolean;
  readonly configVersion: number;
  readonly repositoryUuid: string;
  readonly repositorySlug: string;
  readonly mirror: boolean;
  readonly row: EnvironmentStateRow;
  readonly unfinished: readonly DeploymentRow[];
  readonly state: EnvironmentState;
}

/** What hardly ever changes of an environment. */
export type Described = Omit<Loaded, 'row' | 'unfinished' | 'state'>;

/** Throws `not_found` when the environment is gone for good; a removed one is only marked as such. */
export async function describeEnvironment(
  db: Kysely<Database>,
  environmentUuid: string,
): Promise<Described> {
  const found = await db
    .selectFrom('environments as e')
    .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
    .innerJoin('repositories as r', 'r.uuid', 'a.repository_uuid')
    .select([
      'e.slug',
      'e.branch',
      'e.auto_deploy',
      'e.require_build',
      'e.config_version',
      'a.uuid as application_uuid',
      'a.name as application_name',
      'r.uuid as repository_uuid',
      'r.slug as repository_slug',
      'r.kind',
      'r.ci_enabled',
      'e.deleted_at',
      'a.deleted_at as application_deleted_at',
    ])
    .where('e.uuid', '=', environmentUuid)
    .executeTakeFirst();
  if (!found) throw noEnvironment();
  return {
    environmentUuid,
    removed: found.deleted_at !== null || found.application_deleted_at !== null,
    applicationUuid: found.application_uuid,
    applicationName: found.application_name,
    slug: found.slug,
    branch: found.branch,
    autoDeploy: found.auto_deploy === 1,
    // 2.3: on where Sluice's CI is switched on; off otherwise, for then the signal attests the test.
    gate:
      found.require_build === 'on' || (found.require_build === 'auto' && found.ci_enabled === 1),
    configVersion: found.config_version,
    repositoryUuid: found.repository_uuid,
    repositorySlug: found.repository_slug,
    mirror: found.kind === 'mirror',
  };
}

/** Throws `not_found` as {@link describeEnvironment} does. */
export function loadEnvironment(store: Store, environmentUuid: string): Promise<Loaded> {
  return store.transaction(async (trx) =>
    reload(trx, await describeEnvironment(trx, environmentUuid)),
  );
}

/** The same environment as its rows are by now. */
export async function reload(trx: Trx, described: Described): Promise<Loaded> {
  const { environmentUuid } = described;
  const row = await stateRow(trx, environmentUuid);
  const unfinished = await trx
    .selectFrom('deployments')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .where('ended_at', 'is', null)
    .execute();
  // Sorted here: asked for the order, SQLite would walk through all that ever ended to find the few.
  unfinished.sort((a, b) => a.number - b.number);
  return { ...described, row, unfinished, state: toState(row, unfinished) };
}

export const noEnvironment = () => new SluiceError('not_found', 'There is no such environment.');

async function stateRow(trx: Trx, environmentUuid: string): Promise<EnvironmentStateRow> {
  const row = await trx
    .selectFrom('environment_state')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .executeTakeFirst();
  return row ?? freshStateRow(environmentUuid);
}

/** Environments that track this repository, deleted ones excluded. */
export async function environmentsOf(store: Store, repositoryUuid: string): Promise<string[]> {
  const rows = await store.db
    .selectFrom('environments as e')
    .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
    .select('e.uuid')
    .where('a.repository_uuid', '=', repositoryUuid)
    .where('e.deleted_at', 'is', null)
    .where('a.deleted_at', 'is', null)
    .orderBy('e.position')
    .execute();
  return rows.map((row) => row.uuid);
}

/** Environments with a deployment that has not ended, or on hold with something to remember. */
export async function environmentsAtWork(store: Store): Promise<string[]> {
  const rows = await store.db
    .selectFrom('deployments')
    .select('environment_uuid')
    .where('ended_at', 'is', null)
    .execute();
  // Told apart here: for a `distinct` SQLite reads the index of all that ever ended.
  return [...new Set(rows.map((row) => row.environment_uuid))];
}
