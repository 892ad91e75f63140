import type { Kysely } from 'kysely';

/** What runs: use of processor and memory over time, and host names of the users' own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('instance_samples')
    .addColumn('instance_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('step', 'integer', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('cpu_percent', 'real', (column) => column.notNull())
    .addColumn('memory_bytes', 'integer', (column) => column.notNull())
    .addColumn('processes', 'integer', (column) => column.notNull())
    .addColumn('restarts', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('instance_samples_point', ['instance_uuid', 'step', 'at'])
    .execute();
  await db.schema
    .createIndex('instance_samples_by_environment')
    .on('instance_samples')
    .columns(['environment_uuid', 'step', 'at'])
    .execute();
  // For the thinning, which goes by age alone.
  await db.schema
    .createIndex('instance_samples_by_age')
    .on('instance_samples')
    .columns(['step', 'at'])
    .execute();

  await db.schema
    .createTable('domains')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('is_primary', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('domains_by_environment')
    .on('domains')
    .columns(['environment_uuid'])
    .execute();
}
