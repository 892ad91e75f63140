import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * One router for each data directory. SQLite's lock is the kernel's, ends with the process however that dies,
 * and is the only one that Node reaches without a native module; a file with a process id would need guessing
 * whether its writer still lives.
 *
 * Answers null where another process holds it. Keep the answer: the lock lasts as long as it does.
 */
export function acquireLock(path: string): DatabaseSync | null {
  const database = new DatabaseSync(path);
  try {
    chmodSync(path, 0o600);
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch {
    database.close();
    return null;
  }
}
