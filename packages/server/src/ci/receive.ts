import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '../store/index.ts';

export interface Received {
  readonly path: string;
  readonly sizeBytes: number;
  /** In hex. */
  readonly sha256: string;
  /** Removes the file if nobody has taken it away. */
  discard(): Promise<void>;
}

/** Writes what comes to a file, to its end; above `largest` bytes it breaks off with `tooLarge`. */
export async function receive(
  blobs: Blobs,
  body: Readable,
  largest: number,
  tooLarge: () => Error,
): Promise<Received> {
  const path = await blobs.incoming();
  const discard = () => rm(path, { force: true });
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes > largest) return done(tooLarge());
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(body, counting, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await discard();
    throw error;
  }
  return { path, sizeBytes, sha256: hash.digest('hex'), discard };
}
