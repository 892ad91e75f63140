import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.ts';

/** Where the supervisor keeps things inside the data directory. */
export interface SupervisorPaths {
  readonly socket: string;
  readonly identity: string;
  readonly lock: string;
  /** Desired instances, sealed where it matters. */
  readonly instances: string;
  /** One directory for each instance: its output pipe, its process record, its home. */
  readonly instanceRoot: string;
  readonly logs: string;
  readonly ownLog: string;
  readonly stateKey: string;
}

const LONGEST_SOCKET_PATH_BYTES = 107;

/** Throws `invalid` (reason `data_directory_too_long`) where a socket's path would not fit. */
export function supervisorPaths(dataDir: string): SupervisorPaths {
  const socket = join(dataDir, 'run', 'supervisor.sock');
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH_BYTES) {
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
    socket,
    identity: join(dataDir, 'run', 'supervisor.json'),
    lock: join(dataDir, 'run', 'supervisor.lock'),
    instances: join(dataDir, 'supervisor', 'instances.json'),
    instanceRoot: join(dataDir, 'instances'),
    logs: join(dataDir, 'logs'),
    ownLog: join(dataDir, 'logs', 'supervisor.log'),
    stateKey: join(dataDir, 'supervisor', 'state.key'),
  };
}

/** Directories that only their owner may enter: the control socket's safety rests on it. */
export function makeSupervisorDirectories(dataDir: string): void {
  for (const name of ['run', 'supervisor', 'instances', 'logs']) {
    mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
  }
}
