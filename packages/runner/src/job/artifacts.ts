import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ControlLine } from './control.ts';

/** Where files of jobs are kept. */
export interface ArtifactDepot {
  /** The largest file that it takes. */
  readonly largestBytes: number;
  /**
   * Keeps a file, sending it again while the server is away: `body` answers it from its beginning each time. Rejects with
   * what to tell people; `full` then says that no further ones need be sent.
   */
  store(file: {
    path: string;
    sizeBytes: number;
    /** In hex. */
    sha256: string;
    body(): Readable;
  }): Promise<void>;
  isFull(error: unknown): boolean;
}

/**
 * Takes a file of the job, to its last byte whatever becomes of it, and answers a line about it: `kept`, `failed REASON`
 * or `full REASON`. It passes over this machine's disk, for what the job has sent once it does not send again.
 */
export async function takeArtifact(
  depot: ArtifactDepot | undefined,
  path: string,
  sizeBytes: number,
  channel: ControlLine,
): Promise<string> {
  const isTooLarge = depot !== undefined && sizeBytes > depot.largestBytes;
  const file = join(tmpdir(), `sluice-artifact-${randomBytes(12).toString('hex')}`);
  const hash = createHash('sha256');
  let trouble: unknown = null;
  try {
    const handle = depot === undefined || isTooLarge ? null : await open(file, 'wx', 0o600);
    try {
      for await (const chunk of channel.take(sizeBytes)) {
        if (handle === null || trouble !== null) continue;
        hash.update(chunk);
        await handle.appendFile(chunk).catch((error: unknown) => {
          trouble = error;
        });
      }
    } finally {
      await handle?.close();
    }
    if (depot === undefined) return 'full without a server none are kept';
    if (isTooLarge) return `failed it is larger than ${depot.largestBytes} bytes, the limit`;
    if (trouble !== null) return `failed ${messageOf(trouble)}`;
    const body = () => createReadStream(file);
    await depot.store({ path, sizeBytes, sha256: hash.digest('hex'), body });
    return 'kept';
  } catch (error) {
    return `${depot?.isFull(error) ? 'full' : 'failed'} ${messageOf(error)}`;
  } finally {
    await rm(file, { force: true });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
