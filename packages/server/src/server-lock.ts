import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from './errors.ts';
import { identify, isRunning, type ProcessIdentity, readIdentity } from './router/identity.ts';

/** Where the running server of a data directory says who it is. */
const lockPath = (dataDir: string): string => join(dataDir, 'run', 'server.json');

/** There while a restore puts its files in place: what lies here meanwhile is half of one installation and half of another. */
export const restoringMark = (dataDir: string): string => join(dataDir, 'restoring');

/** The server that works on this data directory now; null when none does. */
export function runningServer(dataDir: string): ProcessIdentity | null {
  const identity = readIdentity(lockPath(dataDir));
  return identity !== null && isRunning(identity) ? identity : null;
}

/**
 * Takes the data directory for this process. Throws `conflict` when another server has it: two of them would both
 * run its jobs. What a killed server left behind is taken over. Answers the function that gives it back.
 */
export function lockDataDirectory(dataDir: string): () => void {
  if (existsSync(restoringMark(dataDir))) {
    throw new SluiceError('conflict', `A restore into ${dataDir} was interrupted.`, {
      reason: 'restoring',
      remedy: 'Run the same "sluice admin restore" again; nothing is lost.',
    });
  }
  mkdirSync(join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  const path = lockPath(dataDir);
  const self = identify(process.pid);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, JSON.stringify(self));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const other = runningServer(dataDir);
      if (other !== null) {
        throw new SluiceError(
          'conflict',
          `Another Sluice server (process ${other.pid}) already works on ${dataDir}.`,
          { remedy: 'Stop it first, or choose another directory with --data.' },
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new SluiceError('conflict', `${path} cannot be taken: another server is starting.`);
}
