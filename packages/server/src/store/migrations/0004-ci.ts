import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ci_repositories')
    .addColumn('repository_uuid', 'text', (column) => column.primaryKey())
    .addColumn('last_build_number', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('last_lease_ticket', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('strict_toolchains', 'integer')
    .addColumn('max_jobs', 'integer')
    .execute();

  await db.schema
    .createTable('ci_counters')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'integer', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('builds')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('ref', 'text', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('tag', 'text')
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('before_sha', 'text')
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('commit_info', 'text', (column) => column.notNull())
    .addColumn('pull_request', 'text')
    .addColumn('trusted', 'integer', (column) => column.notNull())
    .addColumn('config', 'text', (column) => column.notNull())
    .addColumn('fast_finish', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text')
    .addColumn('error', 'text')
    .addColumn('messages', 'text', (column) => column.notNull())
    .addColumn('push_id', 'integer')
    .addColumn('canceled_by', 'text')
    .addColumn('restarted_by', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text')
    .addColumn('finished_at', 'text')
    .execute();
  await db.schema
    .createIndex('builds_number')
    .unique()
    .on('builds')
    .columns(['repository_uuid', 'number'])
    .execute();
  // One build a push, whatever the consumer's retries do.
  await db.schema.createIndex('builds_push').unique().on('builds').column('push_id').execute();
  await db.schema
    .createIndex('builds_sha')
    .on('builds')
    .columns(['repository_uuid', 'sha'])
    .execute();

  await db.schema
    .createTable('stages')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('build_id', 'integer', (column) => column.notNull().references('builds.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('stages_position')
    .unique()
    .on('stages')
    .columns(['build_id', 'position'])
    .execute();

  await db.schema
    .createTable('jobs')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('build_id', 'integer', (column) => column.notNull().references('builds.id'))
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('stage_position', 'integer', (column) => column.notNull())
    .addColumn('stage_name', 'text')
    .addColumn('name', 'text')
    .addColumn('config', 'text', (column) => column.notNull())
    .addColumn('allow_failure', 'integer', (column) => column.notNull())
    .addColumn('trusted', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text')
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('lapses', 'integer', (column) => column.notNull())
    .addColumn('interruptions', 'integer', (column) => column.notNull())
    .addColumn('not_reached', 'integer', (column) => column.notNull())
    .addColumn('queue_ticket', 'integer')
    .addColumn('lease_hash', 'text')
    .addColumn('lease_runner', 'text')
    .addColumn('lease_expires_at', 'text')
    .addColumn('cancel_requested_at', 'text')
    .addColumn('canceled_by', 'text')
    .addColumn('restarted_by', 'text')
    .addColumn('exit_code', 'integer')
    .addColumn('reason', 'text')
    .addColumn('notices', 'text', (column) => column.notNull())
    .addColumn('put_back_note', 'text')
    .addColumn('log_ended', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('queued_at', 'text')
    .addColumn('started_at', 'text')
    .addColumn('verdict_at', 'text')
    .addColumn('finished_at', 'text')
    .execute();
  await db.schema
    .createIndex('jobs_number')
    .unique()
    .on('jobs')
    .columns(['build_id', 'number'])
    .execute();
  // Covers the search for the heads of all queues, so that ten thousand waiting jobs are one scan of the index.
  await db.schema
    .createIndex('jobs_queue')
    .on('jobs')
    .columns(['state', 'verdict', 'repository_uuid', 'trusted', 'queue_ticket'])
    .execute();
  await db.schema.createIndex('jobs_ticket').unique().on('jobs').column('queue_ticket').execute();

  await db.schema
    .createTable('commit_tests')
    .addColumn('build_id', 'integer', (column) => column.primaryKey())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('build_number', 'integer', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('commit_tests_commit')
    .on('commit_tests')
    .columns(['repository_uuid', 'sha', 'build_number'])
    .execute();
}
