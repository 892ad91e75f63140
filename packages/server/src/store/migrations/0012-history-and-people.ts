import { type Kysely, sql } from 'kysely';

/** What a restart would erase of a job, and links by which people choose a password. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('past_job_runs')
    .addColumn('job_id', 'integer', (column) =>
      column.notNull().references('jobs.id').onDelete('cascade'),
    )
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('queued_at', 'text')
    .addColumn('started_at', 'text')
    .addColumn('finished_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('past_job_runs_pk', ['job_id', 'attempt'])
    .execute();
  await db.schema
    .createIndex('past_job_runs_finished')
    .on('past_job_runs')
    .columns(['repository_uuid', 'finished_at'])
    .execute();
  // The figures of an application read the builds and jobs that ended in a period, and nothing else.
  await db.schema
    .createIndex('builds_finished')
    .on('builds')
    .columns(['repository_uuid', 'finished_at'])
    .execute();
  await db.schema
    .createIndex('jobs_finished')
    .on('jobs')
    .columns(['repository_uuid', 'finished_at'])
    .execute();

  // When deployments went live, without a look at all that ever happened to any of them.
  await db.schema
    .createIndex('deployment_events_switches')
    .on('deployment_events')
    .columns(['environment_uuid', 'deployment_uuid', 'at'])
    .where(sql.ref('rule'), '=', 'switch_committed')
    .execute();

  await db.schema
    .createTable('account_links')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('user_uuid', 'text', (column) => column.notNull().references('users.uuid'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('organisation_uuid', 'text', (column) => column.references('organisations.uuid'))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('used_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute();
  await db.schema
    .createIndex('account_links_user')
    .on('account_links')
    .columns(['user_uuid'])
    .execute();
}
