import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the edge proves itself with to router and server; made once, kept in the data directory. */
export function edgeSecret(dataDir: string): string {
  const directory = join(dataDir, 'keys');
  const path = join(directory, 'edge');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    // Only the one that creates the file writes it: two starts at once end up with the same secret.
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
