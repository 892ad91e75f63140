import { bucketSettings } from '../blob-settings.ts';
import { SluiceError } from '../errors.ts';
import { lockDataDirectory, refuseMovedRows } from '../server-lock.ts';
import { loadSettings } from '../settings/index.ts';
import { openStore } from '../store/index.ts';
import { createProgress } from './backup/progress.ts';
import { requireInstallation } from './installation.ts';
import { bar } from './migrate-store.ts';

export interface MoveBlobsOptions {
  readonly data: string;
  readonly to: string;
  readonly json?: boolean;
}

/**
 * `sluice admin move-blobs --to s3|directory`: moves logs, caches and artifacts of a stopped installation between its data directory
 * and the bucket of its settings. Each is compared before the one it was moved from is removed; interrupted, it goes on
 * where it was when it is run again.
 */
export async function moveBlobs({ data, to, json }: MoveBlobsOptions): Promise<void> {
  if (to !== 's3' && to !== 'directory') {
    throw new SluiceError('invalid', `--to takes s3 or directory, not "${to}".`);
  }
  const directory = await requireInstallation(data);
  const settings = await loadSettings(['--data', directory], process.env);
  refuseMovedRows(directory, settings.databaseUrl);
  const s3 = bucketSettings(settings, process.env);
  const place = lockDataDirectory(directory);
  const progress = createProgress('Moving');
  try {
    // Only who uses it pays for it.
    const { moveFiles } = await import('../store/move-files/index.ts');
    const store = await openStore({
      ...{ dataDir: directory, databaseUrl: settings.databaseUrl, databaseConnections: 2 },
    });
    try {
      const moved = await moveFiles({
        ...{ store, s3, to, dataDir: directory },
        progress: (done, all, name) => progress.show(`${bar(all === 0 ? 1 : done / all)} ${name}`),
      });
      progress.end();
      if (json) {
        process.stdout.write(`${JSON.stringify(moved)}\n`);
        return;
      }
      process.stdout.write(
        `${moved.logs} logs, ${moved.caches} caches and ${moved.artifacts} artifacts moved, ${moved.bytes} bytes; all were compared.\n`,
      );
      process.stderr.write(
        to === 's3'
          ? 'Start the server with blobs set to s3 and the same s3_* settings.\n'
          : 'Start the server with blobs set to directory.\n',
      );
    } finally {
      await store.close();
    }
  } finally {
    progress.end();
    place.giveBack();
  }
}
