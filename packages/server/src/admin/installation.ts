import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Accounts, createAccounts } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import { refuseMovedRows } from '../server-lock.ts';
import { loadSettings } from '../settings/index.ts';
import { openStore, type Store, type StoreOptions } from '../store/index.ts';

/** Opens the accounts of a data directory for one piece of work and closes them again. Makes the directory if need be. */
export async function withAccounts<T>(
  data: string,
  work: (accounts: Accounts, store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(await storeOf(data));
  try {
    return await work(createAccounts({ store }), store);
  } finally {
    await store.close();
  }
}

/** Where the server of this data directory keeps its rows: as its settings file and the environment say. */
export async function storeOf(data: string): Promise<StoreOptions> {
  const settings = await loadSettings(['--data', data], process.env);
  refuseMovedRows(settings.data, settings.databaseUrl);
  return { dataDir: settings.data, databaseUrl: settings.databaseUrl, databaseConnections: 2 };
}

/** Throws `not_found` where there is no installation. */
export async function requireInstallation(data: string): Promise<string> {
  const directory = resolve(data);
  // With PostgreSQL there is no file of a database, but always the keys.
  for (const name of ['sluice.db', 'keys']) {
    const there = await stat(join(directory, name)).then(
      () => true,
      () => false,
    );
    if (there) return directory;
  }
  throw new SluiceError(
    'not_found',
    `${directory} is not the data directory of a Sluice installation.`,
    {
      remedy: 'Name it with --data DIR.',
    },
  );
}
