import type { Kysely } from 'kysely';

/** How many instances an environment has; its scheduled commands, what a release has of them, and their runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('environments')
    .addColumn('instances', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  // Of releases that an older version made: none.
  await db.schema.alterTable('releases').addColumn('cron_jobs', 'text').execute();
  await db.schema
    .createTable('cron_jobs')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('schedule', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('cron_jobs_environment')
    .on('cron_jobs')
    .columns(['environment_uuid', 'created_at'])
    .execute();
  await db.schema
    .createTable('cron_runs')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('cron_job_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('release_uuid', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('due_at', 'text', (column) => column.notNull())
    .addColumn('requested_by', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .addColumn('outcome', 'text')
    .addColumn('detail', 'text')
    .execute();
  // Of several servers that find a job due one may run it.
  await db.schema
    .createIndex('cron_runs_once')
    .on('cron_runs')
    .columns(['cron_job_uuid', 'due_at'])
    .unique()
    .execute();
}
