import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Artifact, Client } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** Where a path of an artifact is put. A server that cannot be trusted must not be able to write anywhere else. */
export function targetOf(directory: string, path: string): string {
  const target = resolve(directory, path);
  const inside = relative(resolve(directory), target);
  if (inside === '' || inside.split(/[\\/]/)[0] === '..' || isAbsolute(inside)) {
    throw new CommandError(
      exitCodes.failed,
      `"${path}" leads out of ${directory}; not downloaded.`,
    );
  }
  return join(directory, inside);
}

/** Downloads one whole, beside its place first; compares size and checksum. */
export async function fetchArtifact(
  client: Client,
  artifact: Artifact,
  file: string,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere && !force) {
    throw new CommandError(exitCodes.failed, `${file} is there already; --force writes over it.`);
  }
  const response = await client.artifacts.download(artifact.job, artifact.id, signal);
  if (response.body === null) throw new CommandError(exitCodes.failed, `${artifact.path} is gone.`);
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.partial-${process.pid}`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(partial));
    if (hash.digest('hex') !== artifact.sha256) {
      throw new CommandError(exitCodes.failed, `${artifact.path} arrived damaged; try again.`);
    }
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}
