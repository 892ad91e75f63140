import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';
import { lockDataDirectory, movedMark } from '../server-lock.ts';
import { openStore } from '../store/index.ts';
import { createProgress } from './backup/progress.ts';
import { requireInstallation } from './installation.ts';

export interface MigrateStoreOptions {
  readonly data: string;
  readonly to: string;
  readonly json?: boolean;
}

/**
 * `sluice admin migrate-store --to URL`: moves the rows of an embedded installation to PostgreSQL while its server is
 * stopped. Repositories, logs and keys stay in the data directory, which its server goes on using.
 */
export async function migrateStore({ data, to, json }: MigrateStoreOptions): Promise<void> {
  if (!/^postgres(ql)?:\/\//.test(to)) {
    throw new SluiceError('invalid', `"${to}" is no address of a PostgreSQL database.`, {
      remedy: 'It looks like postgres://user:password@host/sluice.',
    });
  }
  const directory = await requireInstallation(data);
  const place = lockDataDirectory(directory);
  const progress = createProgress('Moving');
  try {
    // Only who uses it pays for it.
    const { moveStore } = await import('../store/move/index.ts');
    const moved = await moveStore({
      path: join(directory, 'sluice.db'),
      databaseUrl: to,
      prepare: async () => {
        const store = await openStore({ dataDir: directory, databaseUrl: to });
        await store.close();
      },
      progress: (done, all, table) => progress.show(`${bar(all === 0 ? 1 : done / all)} ${table}`),
    });
    progress.end();
    await writeFile(movedMark(directory), `${new Date().toISOString()}\n`, { mode: 0o600 });
    if (json) {
      process.stdout.write(`${JSON.stringify(moved)}\n`);
      return;
    }
    for (const { name, rows, checksum } of moved) {
      process.stdout.write(
        `${name.padEnd(28)} ${String(rows).padStart(9)}  ${checksum.slice(0, 12)}\n`,
      );
    }
    const rows = moved.reduce((sum, table) => sum + table.rows, 0);
    process.stderr.write(
      `All ${rows} rows of ${moved.length} tables are there and the same. Start the server with this address as SLUICE_DATABASE_URL, ` +
        `and with the same data directory; ${join(directory, 'sluice.db')} was left as it is and is not used any more.\n`,
    );
  } finally {
    progress.end();
    place.giveBack();
  }
}

const WIDTH = 24;

export function bar(share: number): string {
  const full = Math.min(WIDTH, Math.round(share * WIDTH));
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${Math.round(share * 100)} %`;
}
