import type { Kysely } from 'kysely';

/** Runners on other machines, the tokens that let them in, and what a job asks of its machine. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('runner_registrations')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('organisation_uuid', 'text')
    .addColumn('reusable', 'integer', (column) => column.notNull())
    .addColumn('uses', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('revoked_at', 'text')
    .execute();
  await db.schema
    .createTable('runners')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('organisation_uuid', 'text')
    .addColumn('os', 'text', (column) => column.notNull())
    .addColumn('arch', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('executor', 'text', (column) => column.notNull())
    .addColumn('isolates', 'integer', (column) => column.notNull())
    .addColumn('concurrency', 'integer', (column) => column.notNull())
    .addColumn('ephemeral', 'integer', (column) => column.notNull())
    .addColumn('instance', 'text')
    .addColumn('jobs_taken', 'integer', (column) => column.notNull())
    .addColumn('draining', 'integer', (column) => column.notNull())
    .addColumn('paused_at', 'text')
    .addColumn('paused_by', 'text')
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('last_seen_at', 'text')
    .execute();
  await db.schema.alterTable('jobs').addColumn('needs', 'text').execute();
  await db.schema.alterTable('jobs').addColumn('lease_runner_uuid', 'text').execute();
  await db.schema.alterTable('jobs').addColumn('lease_request', 'text').execute();
  await db.schema
    .createIndex('jobs_lease_runner')
    .on('jobs')
    .columns(['lease_runner_uuid', 'state'])
    .execute();
  // As jobs_queue, with what a job asks of its machine: the heads of all queues are one scan of this index.
  await db.schema
    .createIndex('jobs_queue_needs')
    .on('jobs')
    .columns(['state', 'repository_uuid', 'trusted', 'needs', 'verdict', 'queue_ticket'])
    .execute();
}
