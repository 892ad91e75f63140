import type { Kysely } from 'kysely';

/** What is told of one repository keeps its order and waits for no other; messages of an older version share a lane. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('messages')
    .addColumn('lane', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
}
