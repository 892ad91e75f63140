import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Part } from './types.ts';
import { spanText } from './words.ts';

/** Below the data directory: JSON `{"at": "<ISO 8601>"}` of the newest backup that `sluice admin backup` made. */
export const LAST_BACKUP = 'last-backup.json';

const LATE_MS = 2 * 24 * 60 * 60_000;
const name = 'backups';

/** Whether there is a backup, and how old it is. What other tools copy is not known here. */
export async function checkBackups(dataDir: string, now: number): Promise<Part> {
  const at = Date.parse(await lastBackup(join(dataDir, LAST_BACKUP)));
  const advice = `Run "sluice admin backup DIRECTORY --data ${dataDir}" every night, and keep its files elsewhere.`;
  if (Number.isNaN(at)) {
    const detail = 'sluice admin backup was never run; what other tools copy is not known here.';
    return { name, status: 'unknown', detail, advice };
  }
  const detail = `The newest was made ${spanText(Math.max(0, now - at))} ago.`;
  return now - at <= LATE_MS ? ok(name, detail) : { name, status: 'degraded', detail, advice };
}

async function lastBackup(path: string): Promise<string> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null && 'at' in value ? String(value.at) : '';
  } catch {
    return '';
  }
}
