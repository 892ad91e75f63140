import { execFile } from 'node:child_process';
import { constants, fchownSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OutputPipe {
  /** What the job writes. Closes its descriptor itself. */
  readable: Readable;
  /** Descriptor to be given to the job as standard output and error, and then closed by the caller. */
  writeDescriptor: number;
}

/**
 * A real pipe. Node gives its children socket pairs, and on a socket `echo text >/dev/stderr`, which
 * many builds do, fails with ENXIO. The name is removed at once; who holds an end can go on using it.
 */
export async function openOutputPipe(directory: string, uid: number | null): Promise<OutputPipe> {
  const path = join(directory, 'output');
  await run('mkfifo', ['-m', '0600', '--', path]);
  const readDescriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeDescriptor = openSync(path, constants.O_WRONLY);
  // Opening /dev/stderr means opening the pipe anew, which only its owner may.
  if (uid !== null) fchownSync(writeDescriptor, uid, uid);
  rmSync(path);
  const readable = new Socket({ fd: readDescriptor, readable: true, writable: false });
  return { readable, writeDescriptor };
}
