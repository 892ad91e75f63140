import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('images')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('inputs', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('deployment_uuid', 'text', (column) => column.notNull())
    .addColumn('digest', 'text')
    .addColumn('plan', 'text')
    .addColumn('reason', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .execute();
  await db.schema
    .createIndex('images_by_commit')
    .on('images')
    .columns(['application_uuid', 'sha', 'inputs', 'state'])
    .execute();

  await db.schema
    .createTable('releases')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('deployment_uuid', 'text', (column) => column.notNull().unique())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('image_uuid', 'text')
    .addColumn('config_version', 'integer', (column) => column.notNull())
    .addColumn('variables_sealed', 'text', (column) => column.notNull())
    .addColumn('release_commands', 'text', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('live_at', 'text')
    .addColumn('removed_at', 'text')
    .execute();
  await db.schema
    .createIndex('releases_by_environment')
    .on('releases')
    .columns(['environment_uuid', 'live_at'])
    .execute();

  await db.schema
    .createTable('instances')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('release_uuid', 'text', (column) => column.notNull())
    .addColumn('deployment_uuid', 'text', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('port', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('stopped_at', 'text')
    .execute();
  await db.schema
    .createIndex('instances_by_environment')
    .on('instances')
    .columns(['environment_uuid', 'state'])
    .execute();

  await db.schema
    .createTable('deployment_steps')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('deployment_uuid', 'text', (column) => column.notNull())
    .addColumn('step', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .addColumn('outcome', 'text')
    .addColumn('detail', 'text')
    .execute();
  await db.schema
    .createIndex('deployment_steps_by_deployment')
    .on('deployment_steps')
    .columns(['deployment_uuid', 'id'])
    .execute();
}
