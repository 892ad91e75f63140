import type { Readable } from 'node:stream';
import { SluiceError } from '../../errors.ts';

export interface Blob {
  /** `caches/0a1b.tar.gz`: the same in every kind of store. */
  readonly key: string;
  readonly sizeBytes: number;
}

/** From byte `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** How a store of blobs is now, for people. */
export interface BlobHealth {
  /** `directory /srv/sluice` or `bucket logs at https://s3.example.com`. */
  readonly place: string;
  /** Null: the last thing that was tried worked. */
  readonly trouble: { readonly message: string; readonly since: string } | null;
  /** Kept on this machine until the storage takes them. */
  readonly waiting: { readonly count: number; readonly bytes: number };
}

/**
 * Whole files that never change once they are there: archives of caches, artifacts, logs of jobs that have ended. What
 * was put is there, whole, when `put` resolves, also after a crash of this process.
 */
export interface Blobs {
  readonly kind: 'directory' | 's3';
  /** A path for a file that is being received, on the disk from which `put` takes it. */
  incoming(): Promise<string>;
  /**
   * Takes the file away and keeps it under the key; a blob that is there already is replaced. Storage that is away or
   * refuses is no failure: the file waits on this machine and is sent later; with `now` it is one.
   */
  put(key: string, file: string, options?: { readonly now?: boolean }): Promise<void>;
  /**
   * Null: there is none. Throws `unavailable` when that cannot be known. The caller reads or destroys the stream, which
   * fails rather than ending early.
   */
  open(key: string, range?: ByteRange): Promise<{ sizeBytes: number; stream: Readable } | null>;
  /** Those that are not there are no failure. */
  remove(keys: readonly string[]): Promise<void>;
  /** Keys that begin with the prefix, which ends with a slash. */
  list(prefix: string): AsyncIterable<Blob>;
  health(): Promise<BlobHealth>;
  /** Sends what waits, now. For those that cannot wait until the next turn. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const KEY = /^(logs|caches|artifacts|service-backups)(\/[A-Za-z0-9][A-Za-z0-9._-]{0,200}){1,4}$/;

/** Keys are made by Sluice alone; whatever else arrives here is a fault, and must not become a path. */
export function checkKey(key: string): string {
  if (!KEY.test(key) || key.includes('..')) {
    throw new SluiceError('invalid', `Bad name of a blob: ${key}`);
  }
  return key;
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
