import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database, Trx } from '../../store/index.ts';
import type { ReleaseRow } from '../../store/schema/deploy-pipeline.ts';
import type { PipelineJob } from '../pipeline-types.ts';
import type { PipelineDeps } from './deps.ts';
import { StepFailure } from './failure.ts';

export interface ReleaseVariable {
  readonly name: string;
  readonly value: string;
  readonly isSensitive: boolean;
}

/** A release with its configuration opened: what `PipelineJob` is about. */
export interface Release {
  readonly row: ReleaseRow;
  readonly variables: readonly ReleaseVariable[];
  readonly commands: readonly { readonly label: string; readonly command: string }[];
}

const context = (uuid: string) => `release_variables:${uuid}`;

/**
 * The release that a job is about: the old one for a rollback, the one that an interrupted attempt made, or a new
 * one with the configuration as it is now, which it keeps whatever people change while the deployment runs.
 */
export async function releaseOf(deps: PipelineDeps, job: PipelineJob): Promise<Release> {
  const { db } = deps.store;
  if (job.rollbackReleaseUuid !== null) {
    const row = await find(db, 'uuid', job.rollbackReleaseUuid);
    if (row?.image_uuid == null || row.removed_at !== null) {
      throw new StepFailure('image_gone', 'The release to roll back to is not kept any more.');
    }
    return openRelease(deps, row);
  }
  const known = await find(db, 'deployment_uuid', job.deploymentUuid);
  return openRelease(deps, known ?? (await makeRelease(deps, job)));
}

export function openRelease(deps: PipelineDeps, row: ReleaseRow): Release {
  return {
    row,
    variables: JSON.parse(deps.secrets.open(row.variables_sealed, context(row.uuid))),
    commands: JSON.parse(row.release_commands),
  };
}

async function makeRelease(deps: PipelineDeps, job: PipelineJob): Promise<ReleaseRow> {
  const environment = await deps.applications.environment(job.environmentUuid);
  const application = await deps.applications.get(job.applicationUuid);
  if (environment === null || application === null) {
    throw new StepFailure('environment_gone', 'The environment was removed.');
  }
  const { configVersion, variables } = await deps.applications.snapshot(job.environmentUuid);
  const cronJobs = await deps.store.db
    .selectFrom('cron_jobs')
    .select(['uuid', 'command', 'schedule'])
    .where('environment_uuid', '=', job.environmentUuid)
    .orderBy('created_at')
    .execute();
  const uuid = randomUUID();
  const row: ReleaseRow = {
    uuid,
    application_uuid: job.applicationUuid,
    environment_uuid: job.environmentUuid,
    deployment_uuid: job.deploymentUuid,
    sha: job.sha,
    image_uuid: null,
    config_version: configVersion,
    variables_sealed: deps.secrets.seal(JSON.stringify(variables), context(uuid)),
    release_commands: JSON.stringify(application.releaseCommands),
    cron_jobs: JSON.stringify(cronJobs),
    branch: environment.branch,
    created_at: new Date().toISOString(),
    live_at: null,
    removed_at: null,
  };
  await deps.store.db.insertInto('releases').values(row).execute();
  return row;
}

export async function findRelease(
  db: Kysely<Database>,
  uuid: string,
): Promise<ReleaseRow | undefined> {
  return find(db, 'uuid', uuid);
}

function find(
  db: Kysely<Database>,
  column: 'uuid' | 'deployment_uuid',
  value: string,
): Promise<ReleaseRow | undefined> {
  return db.selectFrom('releases').selectAll().where(column, '=', value).executeTakeFirst();
}

/** Releases that can be rolled back to, the one that was live last first. */
export function keptReleases(
  db: Kysely<Database> | Trx,
  environmentUuid: string,
): Promise<ReleaseRow[]> {
  return db
    .selectFrom('releases')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .where('live_at', 'is not', null)
    .where('removed_at', 'is', null)
    .orderBy('live_at', 'desc')
    .execute();
}

/** The user's variables that a deployment started with; null where it never came so far. */
export async function variablesOfDeployment(
  deps: Pick<PipelineDeps, 'store' | 'secrets'>,
  deploymentUuid: string,
): Promise<readonly ReleaseVariable[] | null> {
  const row = await find(deps.store.db, 'deployment_uuid', deploymentUuid);
  if (row === undefined) return null;
  return JSON.parse(deps.secrets.open(row.variables_sealed, context(row.uuid)));
}
