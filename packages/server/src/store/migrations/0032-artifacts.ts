import type { Kysely } from 'kysely';

/** Artifacts of jobs, and logs that are shared by rows until they are kept in a bucket. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ci_artifacts')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('job_id', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('blob', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'integer', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('ci_artifacts_path', ['job_id', 'attempt', 'path'])
    .execute();
  await db.schema
    .createIndex('ci_artifacts_expiry')
    .on('ci_artifacts')
    .columns(['expires_at'])
    .execute();
  await db.schema
    .createIndex('ci_artifacts_repository')
    .on('ci_artifacts')
    .columns(['repository_uuid'])
    .execute();
  await db.schema
    .createTable('log_streams')
    .addColumn('stream_id', 'text', (column) => column.primaryKey())
    .addColumn('archived_bytes', 'integer', (column) => column.notNull())
    .addColumn('sha256', 'text')
    .addColumn('ended_at', 'text')
    .execute();
  await db.schema
    .createTable('log_chunks')
    .addColumn('stream_id', 'text', (column) => column.notNull())
    .addColumn('start_byte', 'integer', (column) => column.notNull())
    .addColumn('end_byte', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('arrived_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('log_chunks_key', ['stream_id', 'start_byte'])
    .execute();
}
