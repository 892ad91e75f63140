import { join } from 'node:path';
import { openStore } from '../../store/index.ts';
import { DATABASE } from './contents.ts';
import { createProgress } from './progress.ts';

/**
 * A backup holds the rows of PostgreSQL as an embedded database: it can then be restored into either, whatever versions
 * of PostgreSQL and its tools there are. These load what they need only when they are called.
 */

/** The rows of PostgreSQL at one moment, as `sluice.db` in `directory`. */
export async function exportRows(databaseUrl: string, directory: string): Promise<void> {
  const { exportStore } = await import('../../store/move/export.ts');
  const progress = createProgress('Reading PostgreSQL:');
  const prepare = () => openAndClose(directory, '');
  try {
    await exportStore({
      ...{ databaseUrl, directory, prepare },
      progress: (rows, table) => progress.show(`${rows} rows, ${table}`),
    });
  } finally {
    progress.end();
  }
}

/** Brings an unpacked database to this version's schema, as the start of a server would. */
export const bringUpToDate = (directory: string): Promise<void> => openAndClose(directory, '');

/** Throws `conflict` where a server works on the database or, unless `replace`, where it has rows. */
export async function refuseUsedDatabase(databaseUrl: string, replace: boolean): Promise<void> {
  const { refuseUsed } = await import('../../store/move/used.ts');
  await refuseUsed(databaseUrl, replace);
}

/**
 * Puts the rows of `directory` into PostgreSQL, all or none. What it has already is first copied to `aside`, as an
 * embedded database.
 */
export async function importRows(
  directory: string,
  databaseUrl: string,
  aside: string,
): Promise<void> {
  const { moveStore } = await import('../../store/move/index.ts');
  const progress = createProgress('Writing PostgreSQL:');
  try {
    await moveStore({
      path: join(directory, DATABASE),
      databaseUrl,
      prepare: () => openAndClose(directory, databaseUrl),
      keep: () => exportRows(databaseUrl, aside),
      progress: (done, all, table) =>
        progress.show(`${all === 0 ? 100 : Math.round((100 * done) / all)} %, ${table}`),
    });
  } finally {
    progress.end();
  }
}

async function openAndClose(dataDir: string, databaseUrl: string): Promise<void> {
  const store = await openStore({ dataDir, databaseUrl, databaseConnections: 2 });
  await store.close();
}
