import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';

/** Everything the router keeps or listens on inside the data directory. */
export interface RouterPaths {
  readonly runDirectory: string;
  readonly socket: string;
  /** Process id and start time of the running router. */
  readonly identity: string;
  readonly lock: string;
  readonly table: string;
  readonly port: string;
  readonly log: string;
}

/** The kernel's limit for the path of a Unix socket, less the closing NUL. */
const longestSocketPathBytes = 107;

/** @throws SluiceError `invalid` where the data directory's path leaves no room for a socket's. */
export function routerPaths(dataDir: string): RouterPaths {
  const runDirectory = join(dataDir, 'run');
  const socket = join(runDirectory, 'router.sock');
  if (Buffer.byteLength(socket) > longestSocketPathBytes) {
    throw new SluiceError(
      'invalid',
      `The data directory's path is too long for a socket: ${socket}`,
      {
        reason: 'data_directory_too_long',
        remedy: 'Choose a data directory with a shorter path.',
      },
    );
  }
  return {
    runDirectory,
    socket,
    identity: join(runDirectory, 'router.json'),
    lock: join(runDirectory, 'router.lock'),
    table: join(dataDir, 'router', 'table.json'),
    port: join(dataDir, 'router', 'port'),
    log: join(dataDir, 'logs', 'router.log'),
  };
}

/** Directories that only the owner may enter: the control socket's safety rests on it. */
export function makeRouterDirectories(dataDir: string): void {
  for (const name of ['run', 'router', 'logs']) {
    mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
  }
}
