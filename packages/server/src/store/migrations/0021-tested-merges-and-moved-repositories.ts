import { type Kysely, sql } from 'kysely';

/** Which merge result was tested, and repositories that moved at their host. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('pull_requests').addColumn('build_sha', 'text').execute();
  const built = sql`(select sha from builds where builds.id = pull_requests.build_id)`;
  await sql`update pull_requests set build_sha = ${built} where build_id is not null`.execute(db);
  await db.schema
    .alterTable('pull_request_settings')
    .addColumn('require_current', 'integer')
    .execute();
  for (const column of ['moved_to', 'moved_from', 'moved_at']) {
    await db.schema.alterTable('mirrors').addColumn(column, 'text').execute();
  }
}
