import type { Kysely } from 'kysely';

/** What an environment itself asks for of processor, memory and processes; null: the administrator's default. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['limit_milli_cpus', 'limit_memory_bytes', 'limit_processes']) {
    await db.schema.alterTable('environments').addColumn(column, 'integer').execute();
  }
}
