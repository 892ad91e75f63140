import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SluiceError } from '../../errors.ts';
import type { Bucket } from '../blobs/s3/bucket.ts';
import type { Blobs } from '../blobs/types.ts';

export const differs = (key: string) =>
  new SluiceError('internal', `${key} arrived different from what was sent.`, {
    reason: 'blob_differs',
    remedy: 'It was left where it was. Check the storage, then run the same command again.',
  });

export async function digestOf(stream: Readable): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Into the bucket, read back and compared; then the file goes. */
export async function sendFile(bucket: Bucket, files: Blobs, key: string): Promise<void> {
  const here = await files.open(key);
  if (here === null) return;
  const file = await files.incoming();
  try {
    // Through a file of its own: `putFile` reads it more than once.
    await pipeline(here.stream, createWriteStream(file, { mode: 0o600 }));
    await putCompared(bucket, key, file);
  } finally {
    await rm(file, { force: true });
  }
  await files.remove([key]);
}

export async function putCompared(bucket: Bucket, key: string, file: string): Promise<string> {
  const wanted = await digestOf(createReadStream(file));
  await bucket.putFile(key, file);
  const there = await bucket.get(key);
  if (there === null) throw differs(key);
  const found = await digestOf(there.stream);
  if (found.sha256 !== wanted.sha256) throw differs(key);
  return wanted.sha256;
}

/** Out of the bucket, compared with what was noted when it was put there; then the object goes. */
export async function bringFile(bucket: Bucket, files: Blobs, key: string): Promise<void> {
  const [there, noted] = [await bucket.get(key), await bucket.head(key)];
  if (there === null || noted === null) return;
  const file = await files.incoming();
  await pipeline(there.stream, createWriteStream(file, { mode: 0o600 }));
  await compareFile(file, key, noted);
  await files.put(key, file);
  await bucket.remove(key);
}

export async function compareFile(
  file: string,
  key: string,
  noted: { sizeBytes: number; sha256: string | null },
): Promise<void> {
  const found = await digestOf(createReadStream(file));
  const isSame =
    found.sizeBytes === noted.sizeBytes && [null, '', found.sha256].includes(noted.sha256);
  if (isSame) return;
  await rm(file, { force: true });
  throw differs(key);
}

/** From one directory to another. */
export async function fetchFile(from: Blobs, to: Blobs, key: string): Promise<void> {
  const here = await from.open(key);
  if (here === null) return;
  const file = await to.incoming();
  await writeFile(file, here.stream, { mode: 0o600 });
  await to.put(key, file);
  await from.remove([key]);
}
