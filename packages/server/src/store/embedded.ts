import { join } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { createLocalLocks } from './locks.ts';
import type { Database } from './schema/index.ts';
import { openSqlite } from './sqlite.ts';

/** The embedded database of a data directory, which one server has to itself. */
export function openEmbedded(dataDir: string, busyTimeoutMs: number): Engine {
  const path = join(dataDir, 'sluice.db');
  const db = new Kysely<Database>({
    dialect: new SqliteDialect({ database: async () => openSqlite(path, busyTimeoutMs) }),
  });
  return {
    kind: 'sqlite',
    db,
    transaction: (work) => db.transaction().execute(work),
    share: async () => ({
      locks: { ...createLocalLocks(), close: async () => {} },
      wire: { tell: () => {}, tellIn: async () => {}, close: async () => {} },
    }),
    explain: (error) => explain(error, path),
    close: () => db.destroy(),
  };
}

function explain(error: unknown, path: string): SluiceError {
  const text = error instanceof Error ? error.message : String(error);
  if (/locked|busy/i.test(text)) {
    return new SluiceError('unavailable', `The database ${path} is locked by another process.`, {
      remedy: 'Stop the other process (a backup tool, sqlite3, a second server) and start again.',
      cause: error,
    });
  }
  if (/not a database|malformed|corrupt/i.test(text)) {
    return new SluiceError('internal', `The database ${path} is damaged: ${text}.`, {
      remedy: 'Restore the newest backup; the file was left as it is.',
      cause: error,
    });
  }
  return new SluiceError('unavailable', `The database ${path} cannot be opened: ${text}.`, {
    cause: error,
  });
}
