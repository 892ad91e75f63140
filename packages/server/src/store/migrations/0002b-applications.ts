import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('website_ids')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('application_uuid', 'text', (column) => column.notNull().unique())
    .execute();
  await db.schema
    .createTable('applications')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('website_id', 'integer', (column) => column.notNull().unique())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('organisation_uuid', 'text', (column) => column.notNull())
    .addColumn('repository_uuid', 'text', (column) => column.notNull().unique())
    .addColumn('plan_group', 'text')
    .addColumn('region', 'text')
    .addColumn('app_template', 'text')
    .addColumn('release_commands', 'text', (column) => column.notNull().defaultTo('[]'))
    .addColumn('created_by', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('deleted_at', 'text')
    .execute();
  await db.schema
    .createTable('environments')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('application_uuid', 'text', (column) =>
      column.notNull().references('applications.uuid'),
    )
    .addColumn('slug', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('auto_deploy', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('require_build', 'text', (column) => column.notNull().defaultTo('auto'))
    .addColumn('config_version', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('secret_key_sealed', 'text', (column) => column.notNull())
    .addColumn('host_label', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('deleted_at', 'text')
    .execute();
  await db.schema
    .createIndex('environments_by_application')
    .on('environments')
    .columns(['application_uuid', 'slug'])
    .unique()
    .execute();
  await db.schema
    .createTable('environment_variables')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('environment_uuid', 'text', (column) =>
      column.notNull().references('environments.uuid'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('value_sealed', 'text', (column) => column.notNull())
    .addColumn('is_sensitive', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('environment_variables_by_name')
    .on('environment_variables')
    .columns(['environment_uuid', 'name'])
    .unique()
    .execute();
}
