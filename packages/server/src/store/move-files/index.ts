import { createDirectoryBlobs, listFiles } from '../blobs/directory.ts';
import { createBucket } from '../blobs/s3/bucket.ts';
import type { S3Options } from '../blobs/s3/types.ts';
import type { Blob } from '../blobs/types.ts';
import type { Store } from '../index.ts';
import { bringFile, fetchFile, sendFile } from './files.ts';
import { bringLog, logsInFiles, sendLog } from './logs.ts';
import type { Move } from './types.ts';

export interface MoveFilesOptions {
  readonly store: Pick<Store, 'db' | 'transaction'>;
  readonly dataDir: string;
  readonly s3: S3Options;
  readonly to: 's3' | 'directory';
  /** Called before each; `done` of `all`. */
  readonly progress?: (done: number, all: number, name: string) => void;
}

export interface MovedFiles {
  readonly logs: number;
  readonly caches: number;
  readonly artifacts: number;
  readonly bytes: number;
}

const KINDS = ['caches', 'artifacts'] as const;

/**
 * Moves logs, caches and artifacts between data directory and bucket while no server runs. One after the other: copied,
 * compared by size and checksum, only then removed where it was. Killed at any moment it is run again, and goes on.
 */
export async function moveFiles(options: MoveFilesOptions): Promise<MovedFiles> {
  const { store, dataDir, s3, to, progress = () => undefined } = options;
  const bucket = createBucket(s3);
  const move: Move = { store, dataDir, bucket };
  try {
    await bucket.check();
    const logs = to === 's3' ? await logsInFiles(dataDir) : await logsInRows(move);
    const blobs: { kind: (typeof KINDS)[number]; blob: Blob; unsent: boolean }[] = [];
    for (const kind of KINDS) {
      const source = to === 's3' ? listFiles(dataDir, `${kind}/`) : bucket.list(`${kind}/`);
      for (const blob of await all(source)) blobs.push({ kind, blob, unsent: false });
      // Last, for it is newer than what it replaces.
      for (const blob of await all(listFiles(`${dataDir}/unsent`, `${kind}/`))) {
        blobs.push({ kind, blob, unsent: true });
      }
    }
    const count = { logs: 0, caches: 0, artifacts: 0, bytes: 0 };
    const total = logs.length + blobs.length;
    const step = (name: string) =>
      progress(count.logs + count.caches + count.artifacts, total, name);
    for (const streamId of logs) {
      step(`log ${streamId}`);
      count.bytes += to === 's3' ? await sendLog(move, streamId) : await bringLog(move, streamId);
      count.logs += 1;
    }
    for (const { kind, blob, unsent } of blobs) {
      step(blob.key);
      const files = createDirectoryBlobs(unsent ? `${dataDir}/unsent` : dataDir);
      if (to === 's3') await sendFile(bucket, files, blob.key);
      else if (unsent) await fetchFile(files, createDirectoryBlobs(dataDir), blob.key);
      else await bringFile(bucket, createDirectoryBlobs(dataDir), blob.key);
      count[kind] += 1;
      count.bytes += blob.sizeBytes;
    }
    return count;
  } finally {
    await bucket.close();
  }
}

async function logsInRows({ store }: Move): Promise<string[]> {
  const rows = await store.db.selectFrom('log_streams').select('stream_id').execute();
  return rows.map((row) => row.stream_id);
}

async function all(source: AsyncIterable<Blob>): Promise<Blob[]> {
  const found: Blob[] = [];
  for await (const blob of source) found.push(blob);
  return found;
}
