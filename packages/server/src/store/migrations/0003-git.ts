import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('repositories')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('uuid', 'text', (column) => column.notNull().unique())
    .addColumn('organisation_uuid', 'text', (column) => column.notNull())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('url', 'text')
    .addColumn('default_branch', 'text')
    .addColumn('ci_enabled', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('is_private', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('settings', 'text', (column) => column.notNull().defaultTo('{}'))
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('repository_refs')
    .addColumn('repository_uuid', 'text', (column) =>
      column.notNull().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('ref', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('commit_sha', 'text')
    .addPrimaryKeyConstraint('repository_refs_pk', ['repository_uuid', 'ref'])
    .execute();
  await db.schema
    .createTable('pushes')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('repository_uuid', 'text', (column) =>
      column.notNull().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('ref', 'text', (column) => column.notNull())
    .addColumn('before_sha', 'text', (column) => column.notNull())
    .addColumn('after_sha', 'text', (column) => column.notNull())
    .addColumn('forced', 'integer', (column) => column.notNull())
    .addColumn('pusher_uuid', 'text')
    .addColumn('received_at', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('build_id', 'integer')
    .execute();
  await db.schema
    .createIndex('pushes_by_ref')
    .on('pushes')
    .columns(['repository_uuid', 'ref', 'id'])
    .execute();
  await db.schema
    .createIndex('pushes_by_commit')
    .on('pushes')
    .columns(['repository_uuid', 'after_sha'])
    .execute();
}
