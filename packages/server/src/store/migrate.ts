import { type Kysely, Migrator, sql } from 'kysely';
import { SluiceError } from '../errors.ts';
import { migrations } from './migrations/index.ts';

/**
 * Brings the database to this version's schema. A database that a newer Sluice has migrated is refused
 * before anything is written: running old code on it could lose data.
 */
export async function migrate(db: Kysely<never>): Promise<void> {
  await refuseNewerDatabase(db);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SluiceError('internal', `The database could not be brought up to date: ${why}.`, {
      cause: error,
      remedy: 'Nothing was changed by the failing step. Restore a backup if the message persists.',
    });
  }
}

async function refuseNewerDatabase(db: Kysely<never>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const unknown = rows.map((row) => row.name).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new SluiceError(
      'conflict',
      `The data directory was written by a newer Sluice (unknown migration ${unknown.join(', ')}).`,
      { reason: 'newer_database', remedy: 'Start the newer version again, or restore a backup.' },
    );
  }
}
