import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Repositories that live elsewhere: how to get in, how the fetching goes, and what their hosts tell by webhook. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('mirrors')
    .addColumn('repository_uuid', 'text', (column) =>
      column.primaryKey().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('username', 'text')
    .addColumn('password', 'text')
    .addColumn('key_type', 'text')
    .addColumn('public_key', 'text')
    .addColumn('private_key', 'text')
    .addColumn('created_by', 'text')
    .addColumn('remote_head', 'text')
    .addColumn('last_attempt_at', 'text')
    .addColumn('last_success_at', 'text')
    .addColumn('last_error', 'text')
    .addColumn('last_error_reason', 'text')
    .addColumn('failures', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_fetch_at', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('mirrors_by_next_fetch')
    .on('mirrors')
    .columns(['next_fetch_at'])
    .execute();
  await sql`insert into mirrors (repository_uuid) select uuid from repositories where kind = 'mirror'`.execute(
    db,
  );

  await db.schema
    .createTable('mirror_host_keys')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('repository_uuid', 'text', (column) =>
      column.notNull().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('key_type', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('mirror_host_keys_once', ['repository_uuid', 'host', 'fingerprint'])
    .execute();

  await db.schema
    .createTable('webhooks')
    .addColumn('repository_uuid', 'text', (column) =>
      column.primaryKey().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('uuid', 'text', (column) => column.notNull().unique())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('uuid', 'text', (column) => column.notNull().unique())
    .addColumn('repository_uuid', 'text', (column) =>
      column.notNull().references('repositories.uuid').onDelete('cascade'),
    )
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('delivery_id', 'text')
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('headers', 'text', (column) => column.notNull())
    .addColumn('body', 'text')
    .addColumn('events', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_attempt_at', 'integer', (column) => column.notNull())
    .addColumn('received_at', 'text', (column) => column.notNull())
    .addColumn('processed_at', 'text')
    .execute();
  // For the worker: few rows wait at any time, so the index stays small.
  await sql`create index webhook_deliveries_waiting on webhook_deliveries (next_attempt_at) where state = 'waiting'`.execute(
    db,
  );
  const by = (name: string, columns: string[]) =>
    db.schema
      .createIndex(`webhook_deliveries_by_${name}`)
      .on('webhook_deliveries')
      .columns(columns)
      .execute();
  await by('repository', ['repository_uuid', 'id']);
  await by('digest', ['repository_uuid', 'digest']);
  await by('delivery', ['repository_uuid', 'delivery_id']);
}
