import type { Kysely } from 'kysely';

/** Backing services of environments: databases, caches, storage. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('service_instances')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('prefix', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull().unique())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('image', 'text')
    .addColumn('credentials_sealed', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('ready_at', 'text')
    .addColumn('removed_by', 'text')
    .addColumn('removed_at', 'text')
    .execute();
  await db.schema
    .createIndex('service_instances_environment')
    .on('service_instances')
    .columns(['environment_uuid', 'created_at'])
    .execute();
  await db.schema
    .createIndex('service_instances_application')
    .on('service_instances')
    .columns(['application_uuid'])
    .execute();
}
