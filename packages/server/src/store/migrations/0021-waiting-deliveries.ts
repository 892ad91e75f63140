import { type Kysely, sql } from 'kysely';

/** The deliveries of one repository that wait, in their order, without a look at all those that it ever had. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex('webhook_deliveries_to_do')
    .on('webhook_deliveries')
    .columns(['repository_uuid', 'id'])
    .where(sql.ref('state'), '=', 'waiting')
    .execute();
}
