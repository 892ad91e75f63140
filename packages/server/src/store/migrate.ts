import { type Kysely, Migrator, sql } from 'kysely';
import { SluiceError } from '../errors.ts';
import { migrations } from './migrations/index.ts';

/** The end of the name of a migration after which servers of the version before cannot go on. There is none so far. */
const BREAKING = '-breaking';

/**
 * Brings the database to this version's schema. A database that a newer Sluice has migrated is refused
 * before anything is written: running old code on it could lose data. Where several servers share it (`shared`), a newer
 * one among them may be the next version of a rolling update: servers of the version before go on, and may start again,
 * as long as the newer migrations only add (see BREAKING). Servers that start at once wait for each other.
 */
export async function migrate(db: Kysely<never>, shared = false): Promise<void> {
  if ((await newerMigrations(db, shared)).length > 0) return;
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

/** Those that this version does not know and can live with. Throws `conflict` for others. */
async function newerMigrations(db: Kysely<never>, shared: boolean): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const unknown = rows.map((row) => row.name).filter((name) => !(name in migrations));
  const done = new Set(rows.map((row) => row.name));
  // A newer server has run all of ours, and one that only adds says so by its name.
  const onlyAdds = unknown.every((name) => !name.endsWith(BREAKING));
  const canLive = shared && onlyAdds && Object.keys(migrations).every((name) => done.has(name));
  if (unknown.length > 0 && !canLive) {
    throw new SluiceError(
      'conflict',
      `The data directory was written by a newer Sluice (unknown migration ${unknown.join(', ')}).`,
      { reason: 'newer_database', remedy: 'Start the newer version again, or restore a backup.' },
    );
  }
  return unknown;
}
