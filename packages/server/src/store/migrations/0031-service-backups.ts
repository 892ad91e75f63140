import type { CreateTableBuilder, Kysely } from 'kysely';

/** Backups of services' data, and what is done with them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await made(db, 'backups')
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('trigger', 'text', (column) => column.notNull())
    .addColumn('notes', 'text', (column) => column.notNull())
    .addColumn('delete_at', 'text')
    .addColumn('schedule_uuid', 'text')
    .addColumn('created_by', 'text', (column) => column.notNull())
    .execute();
  await worked(made(db, 'service_backups'))
    .addColumn('backup_uuid', 'text', (column) => column.notNull())
    .addColumn('service_uuid', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('format', 'text')
    .addColumn('blob', 'text')
    .addColumn('key_sealed', 'text')
    .addColumn('sha256', 'text')
    .addColumn('upload_secret_hash', 'text')
    .addColumn('upload_until', 'text')
    .addColumn('upload_limit', 'integer')
    .execute();
  await made(db, 'backup_downloads')
    .addColumn('download_uuid', 'text', (column) => column.notNull())
    .addColumn('service_backup_uuid', 'text', (column) => column.notNull())
    .addColumn('form', 'text', (column) => column.notNull())
    .addColumn('secret_sealed', 'text', (column) => column.notNull())
    .addColumn('until', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .execute();
  await made(db, 'restores')
    .addColumn('backup_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('trigger', 'text', (column) => column.notNull())
    .addColumn('notes', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .execute();
  await worked(made(db, 'service_restores'))
    .addColumn('restore_uuid', 'text', (column) => column.notNull())
    .addColumn('service_backup_uuid', 'text', (column) => column.notNull())
    .addColumn('service_uuid', 'text', (column) => column.notNull())
    .addColumn('is_clean', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await made(db, 'backup_schedules')
    .addColumn('application_uuid', 'text', (column) => column.notNull())
    .addColumn('environment_uuid', 'text', (column) => column.notNull())
    .addColumn('cron', 'text', (column) => column.notNull())
    .addColumn('keep_count', 'integer')
    .addColumn('keep_days', 'integer')
    .addColumn('next_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .execute();
  const index = (table: string, ...columns: string[]) =>
    db.schema
      .createIndex([table, ...columns].join('_'))
      .on(table)
      .columns(columns)
      .execute();
  await index('backups', 'environment_uuid', 'created_at');
  await index('service_backups', 'backup_uuid');
  await index('service_backups', 'state', 'created_at');
  await index('backup_downloads', 'download_uuid');
  await index('restores', 'environment_uuid', 'created_at');
  await index('service_restores', 'restore_uuid');
  await index('service_restores', 'state', 'created_at');
  await index('backup_schedules', 'environment_uuid');
}

const made = (db: Kysely<unknown>, table: string) =>
  db.schema
    .createTable(table)
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'text', (column) => column.notNull());

/** What is worked on in the background has these. */
const worked = <T extends string, C extends string>(table: CreateTableBuilder<T, C>) =>
  table
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('bytes', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('error', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('started_at', 'text')
    .addColumn('ended_at', 'text');
