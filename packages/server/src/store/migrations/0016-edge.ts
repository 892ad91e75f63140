import type { Kysely } from 'kysely';

/** Host names that redirect to the primary one, and what was last found out about each name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('domains')
    .addColumn('is_redirect', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('domain_checks')
    .addColumn('domain_uuid', 'text', (column) => column.primaryKey())
    .addColumn('points', 'text', (column) => column.notNull())
    .addColumn('addresses', 'text', (column) => column.notNull())
    .addColumn('certificate', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text')
    .addColumn('expires_at', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('checked_at', 'text', (column) => column.notNull())
    .addColumn('next_check_at', 'text', (column) => column.notNull())
    .execute();
}
