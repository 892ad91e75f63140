import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Accounts, createAccounts } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import { openStore, type Store } from '../store/index.ts';

/** Opens the accounts of a data directory for one piece of work and closes them again. Makes the directory if need be. */
export async function withAccounts<T>(
  data: string,
  work: (accounts: Accounts, store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore({ dataDir: resolve(data) });
  try {
    return await work(createAccounts({ store }), store);
  } finally {
    await store.close();
  }
}

/** Throws `not_found` where there is no installation. */
export async function requireInstallation(data: string): Promise<string> {
  const directory = resolve(data);
  const there = await stat(join(directory, 'sluice.db')).then(
    () => true,
    () => false,
  );
  if (there) return directory;
  throw new SluiceError(
    'not_found',
    `${directory} is not the data directory of a Sluice installation.`,
    {
      remedy: 'Name it with --data DIR.',
    },
  );
}
