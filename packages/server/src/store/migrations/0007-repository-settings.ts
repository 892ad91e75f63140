import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('repository_env_vars')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('repository_uuid', 'text', (column) =>
      column.notNull().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('value_sealed', 'text', (column) => column.notNull())
    .addColumn('is_public', 'integer', (column) => column.notNull())
    // Empty and not null for "every branch", so that the index below sees equal ones.
    .addColumn('branch', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('repository_env_vars_name')
    .unique()
    .on('repository_env_vars')
    .columns(['repository_uuid', 'name', 'branch'])
    .execute();

  // One statement each: SQLite adds one column at a time. Null: as by default.
  for (const name of [
    'build_pushes',
    'build_pull_requests',
    'auto_cancel_pushes',
    'auto_cancel_pull_requests',
  ]) {
    await db.schema.alterTable('ci_repositories').addColumn(name, 'integer').execute();
  }
}
