import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from './errors.ts';
import { identify, isRunning, type ProcessIdentity, readIdentity } from './router/identity.ts';

/** Servers that may share a data directory, and a database, on one machine. */
const PLACES = 64;

/** Where a running server of a data directory says who it is: the first, and more where they share a PostgreSQL. */
const placePath = (dataDir: string, place: number): string =>
  join(dataDir, 'run', place === 1 ? 'server.json' : `server-${place}.json`);

/** There while a restore puts its files in place: what lies here meanwhile is half of one installation and half of another. */
export const restoringMark = (dataDir: string): string => join(dataDir, 'restoring');

/** There once `sluice admin migrate-store` has moved the rows: those of the embedded database are of yesterday. */
export const movedMark = (dataDir: string): string => join(dataDir, 'moved-to-postgresql');

/** Throws `conflict` where the rows of this data directory are in PostgreSQL, and `databaseUrl` does not say so. */
export function refuseMovedRows(dataDir: string, databaseUrl: string): void {
  if (databaseUrl !== '' || !existsSync(movedMark(dataDir))) return;
  throw new SluiceError('conflict', `The rows of ${dataDir} were moved to PostgreSQL.`, {
    reason: 'moved',
    remedy: `Name the database with SLUICE_DATABASE_URL. To go back to the rows as they were before, remove ${movedMark(dataDir)}.`,
  });
}

/** The servers that work on this data directory now. */
export function runningServers(dataDir: string): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  for (let place = 1; place <= PLACES; place += 1) {
    const identity = readIdentity(placePath(dataDir, place));
    if (identity !== null && isRunning(identity)) found.push(identity);
  }
  return found;
}

export interface Place {
  /** From 1, different for each server that works on the data directory now. */
  readonly number: number;
  /** No other server worked there when this one began. */
  readonly isAlone: boolean;
  giveBack(): void;
}

/**
 * Takes a place in the data directory for this process. Throws `conflict` when another server is there, unless both are
 * `shared`, which is for servers of one PostgreSQL: two with databases of their own would both run its jobs. What a
 * killed server left behind is taken over.
 */
export function lockDataDirectory(dataDir: string, shared = false): Place {
  if (existsSync(restoringMark(dataDir))) {
    throw new SluiceError('conflict', `A restore into ${dataDir} was interrupted.`, {
      reason: 'restoring',
      remedy: 'Run the same "sluice admin restore" again; nothing is lost.',
    });
  }
  mkdirSync(join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  const self = identify(process.pid);
  for (let number = 1; number <= (shared ? PLACES : 1); number += 1) {
    if (!takePlace(placePath(dataDir, number), { ...self, shared })) continue;
    const giveBack = () => rmSync(placePath(dataDir, number), { force: true });
    const others = runningServers(dataDir).filter(({ pid }) => pid !== process.pid);
    const stranger = others.find((other) => !shared || !isShared(dataDir, other));
    if (stranger === undefined) return { number, isAlone: others.length === 0, giveBack };
    giveBack();
    throw taken(dataDir, stranger.pid, shared);
  }
  const [other] = runningServers(dataDir);
  throw taken(dataDir, other?.pid ?? 0, shared);
}

/** False where a running process has it. */
function takePlace(path: string, self: object): boolean {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, JSON.stringify(self));
      closeSync(file);
      return true;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const other = readIdentity(path);
      if (other !== null && isRunning(other)) return false;
      rmSync(path, { force: true });
    }
  }
  return false;
}

function isShared(dataDir: string, { pid }: ProcessIdentity): boolean {
  for (let place = 1; place <= PLACES; place += 1) {
    const path = placePath(dataDir, place);
    if (readIdentity(path)?.pid !== pid) continue;
    return JSON.parse(readFileSync(path, 'utf8')).shared === true;
  }
  return false;
}

const taken = (dataDir: string, pid: number, shared: boolean) =>
  new SluiceError(
    'conflict',
    `Another Sluice server (process ${pid}) already works on ${dataDir}.`,
    {
      remedy: shared
        ? 'Give it the same --database-url, stop it first, or choose another directory with --data.'
        : 'Stop it first, or choose another directory with --data.',
    },
  );
