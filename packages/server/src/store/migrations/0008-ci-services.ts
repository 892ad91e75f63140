import type { Kysely } from 'kysely';

/** Imports, notifications and caches of the CI service. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement each: SQLite adds one column at a time.
  await db.schema.alterTable('builds').addColumn('secure_origins', 'text').execute();
  await db.schema.alterTable('builds').addColumn('notifications', 'text').execute();

  await db.schema
    .createTable('notifications')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('build_id', 'integer', (column) =>
      column.notNull().references('builds.id').onDelete('cascade'),
    )
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'text', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .execute();
  await db.schema
    .createIndex('notifications_waiting')
    .on('notifications')
    .columns(['state', 'next_at'])
    .execute();
  await db.schema
    .createIndex('notifications_build')
    .on('notifications')
    .columns(['build_id'])
    .execute();

  await db.schema
    .createTable('ci_caches')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('repository_uuid', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('slug', 'text', (column) => column.notNull())
    .addColumn('file', 'text', (column) => column.notNull().unique())
    .addColumn('size_bytes', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('used_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('ci_caches_place', ['repository_uuid', 'scope', 'slug'])
    .execute();
  await db.schema.createIndex('ci_caches_used').on('ci_caches').columns(['used_at']).execute();
}
