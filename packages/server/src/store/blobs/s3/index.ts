import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { SluiceError } from '../../../errors.ts';
import { createDirectoryBlobs, incomingIn, listFiles, sweepIncoming } from '../directory.ts';
import { type Blob, type Blobs, checkKey, isMissing } from '../types.ts';
import { type Bucket, createBucket } from './bucket.ts';
import type { S3Options } from './types.ts';

const FLUSH_MS = 15_000;
const REMOVALS_AT_ONCE = 16;

/**
 * Blobs in a bucket. What the storage does not take waits in `<dataDir>/unsent` and is sent later; what was kept in the
 * data directory before the bucket was set is still read from there. Throws when the storage refuses what the settings
 * say; storage that does not answer is no reason not to start.
 */
export async function openS3Blobs(
  dataDir: string,
  options: S3Options,
  onTrouble: (error: unknown) => void = () => undefined,
): Promise<Blobs> {
  const bucket = createBucket(options);
  const blobs = createS3Blobs(dataDir, options, bucket, onTrouble);
  try {
    await bucket.check();
  } catch (error) {
    if (!isAway(error)) {
      await blobs.close();
      throw error;
    }
    blobs.note(error);
  }
  await sweepIncoming(dataDir);
  return blobs;
}

const isAway = (error: unknown): boolean =>
  error instanceof SluiceError && error.reason === 'storage_away';

/** The storage's fault, not this machine's. */
const isStorages = (error: unknown): boolean =>
  error instanceof SluiceError && (error.reason ?? '').startsWith('storage_');

function createS3Blobs(
  dataDir: string,
  options: S3Options,
  bucket: Bucket,
  onTrouble: (error: unknown) => void,
): Blobs & { note(error: unknown): void } {
  const unsent = join(dataDir, 'unsent');
  const waiting = createDirectoryBlobs(unsent);
  const older = createDirectoryBlobs(dataDir);
  let trouble: { message: string; since: string } | null = null;
  let flushing: Promise<void> | null = null;

  const note = (error: unknown) => {
    if (!isStorages(error)) return;
    if (trouble === null) onTrouble(error);
    const since = trouble?.since ?? new Date().toISOString();
    trouble = { message: error instanceof Error ? error.message : String(error), since };
  };
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const answer = await work;
      trouble = null;
      return answer;
    } catch (error) {
      note(error);
      throw error;
    }
  };

  /** One after the other, oldest key first; ends at the first that the storage does not take. */
  const sendWaiting = async () => {
    for (const prefix of ['logs/', 'caches/', 'artifacts/', 'service-backups/']) {
      for await (const { key } of waiting.list(prefix)) {
        const file = join(unsent, key);
        try {
          await watched(bucket.putFile(key, file));
        } catch (error) {
          if (isMissing(error)) continue;
          throw error;
        }
        // It was removed while it was on its way.
        if (!existsSync(file)) await bucket.remove(key);
        await rm(file, { force: true });
      }
    }
  };
  const flush = (): Promise<void> => {
    flushing ??= sendWaiting().finally(() => {
      flushing = null;
    });
    return flushing;
  };
  const timer = setInterval(() => void flush().catch(() => undefined), FLUSH_MS);
  timer.unref();

  return {
    kind: 's3',
    note,
    flush,
    incoming: () => incomingIn(dataDir),
    put: async (key, file, { now = false } = {}) => {
      checkKey(key);
      try {
        await watched(bucket.putFile(key, file));
      } catch (error) {
        if (now || !isStorages(error)) throw error;
        const place = join(unsent, key);
        await mkdir(dirname(place), { recursive: true, mode: 0o700 });
        await rename(file, place);
        return;
      }
      // An older one of this key that waits must not replace it.
      await waiting.remove([key]);
      await rm(file, { force: true });
    },
    open: async (key, range) => {
      checkKey(key);
      const unsentOne = await waiting.open(key, range);
      if (unsentOne !== null) return unsentOne;
      if (range !== undefined && range.end <= range.start) {
        const found = await watched(bucket.head(key));
        if (found === null) return older.open(key, range);
        return { sizeBytes: found.sizeBytes, stream: Readable.from([]) };
      }
      return (await watched(bucket.get(key, range))) ?? older.open(key, range);
    },
    remove: async (keys) => {
      await waiting.remove(keys);
      await older.remove(keys);
      for (let at = 0; at < keys.length; at += REMOVALS_AT_ONCE) {
        const some = keys.slice(at, at + REMOVALS_AT_ONCE);
        await Promise.all(some.map((key) => watched(bucket.remove(key))));
      }
    },
    list: async function* (prefix): AsyncGenerator<Blob> {
      const seen = new Set<string>();
      for (const source of [
        listFiles(unsent, prefix),
        bucket.list(prefix),
        listFiles(dataDir, prefix),
      ]) {
        for await (const blob of source) {
          if (seen.has(blob.key)) continue;
          seen.add(blob.key);
          yield blob;
        }
      }
    },
    health: async () => {
      let count = 0;
      let bytes = 0;
      for (const prefix of (await readdir(unsent).catch(() => [])).map((name) => `${name}/`)) {
        for await (const { sizeBytes } of listFiles(unsent, prefix)) {
          count += 1;
          bytes += sizeBytes;
        }
      }
      const place = `bucket ${options.bucket} at ${options.endpoint}`;
      return { place, trouble, waiting: { count, bytes } };
    },
    close: async () => {
      clearInterval(timer);
      await bucket.close();
      await flushing?.catch(() => undefined);
    },
  };
}
