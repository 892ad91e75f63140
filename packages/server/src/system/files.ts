import { createHash } from 'node:crypto';
import { readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { sizeOf } from '../files-size.ts';
import type { Store } from '../store/index.ts';
import type { createIntegrity } from './integrity.ts';
import { ok, type Part } from './types.ts';
import { bytesText, momentsAgo } from './words.ts';

const GB = 1_024 ** 3;

export interface Disk {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export async function readDisk(dataDir: string): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(dataDir);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** Pure. A full disk stops pushes, builds and deployments alike, so it is told early. */
export function judgeDisk({ freeBytes, totalBytes }: Disk): Part {
  const name = 'disk';
  const share = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const detail = `${bytesText(freeBytes)} of ${bytesText(totalBytes)} are free.`;
  if (freeBytes < 0.5 * GB) {
    const advice =
      'Free some space now, or pushes, builds and deployments fail: remove old applications, lower --keep-releases or enlarge the disk.';
    return { ...{ name, detail, advice }, status: 'failing' };
  }
  if (freeBytes < 5 * GB && share < 0.1) {
    const advice = 'Remove what is not needed any more, lower --keep-releases or enlarge the disk.';
    return { ...{ name, detail, advice }, status: 'degraded' };
  }
  return ok(name, detail);
}

/** Writes nothing: it takes the write lock and gives it back, which is what every change has to wait for. */
export async function checkDatabase(
  store: Store,
  dataDir: string,
  integrity: ReturnType<typeof createIntegrity>,
  now: number,
): Promise<Part> {
  const name = 'database';
  const began = performance.now();
  await store.transaction((trx) => trx.selectFrom('audit_head').select('id').execute());
  const tookMs = performance.now() - began;
  if (store.kind === 'postgres') return judgeShared(tookMs);
  const walBytes = await sizeOf(join(dataDir, 'sluice.db-wal'));
  const checked = await integrity(2_000);
  const sound =
    checked === null
      ? 'its check is still under way'
      : `checked ${momentsAgo(checked.checkedAt, now)}`;
  const detail = `It answers in ${tookMs.toFixed(0)} ms, ${sound}; its write-ahead log holds ${bytesText(walBytes)}.`;
  if (checked !== null && checked.problems.length > 0) {
    return {
      ...{ name, status: 'failing' },
      detail: `The file is damaged: ${checked.problems.join('; ')}.`,
      advice: 'Stop Sluice, keep a copy of sluice.db and restore the newest backup.',
    };
  }
  if (tookMs > 1_000) {
    const advice =
      'Another process holds it (a backup tool, sqlite3), or the disk is slow. End that process; use a local disk.';
    return { ...{ name, status: 'degraded', detail, advice } };
  }
  if (walBytes > 512e6) {
    const advice =
      'A reader has kept it from being folded back for long. End programs that hold sluice.db open, or restart Sluice.';
    return { ...{ name, status: 'degraded', detail, advice } };
  }
  return ok(name, detail);
}

/** PostgreSQL checks its own files; what Sluice can tell is whether it keeps up. */
function judgeShared(tookMs: number): Part {
  const name = 'database';
  const detail = `PostgreSQL answers in ${tookMs.toFixed(0)} ms.`;
  if (tookMs <= 1_000) return ok(name, detail);
  const advice =
    'Many changes wait for each other, or PostgreSQL is far away or short of processor or disk. See pg_stat_activity.';
  return { ...{ name, status: 'degraded', detail, advice } };
}

/** What the rows take on disk, indexes included. */
export async function databaseBytes({ db, kind }: Store, dataDir: string): Promise<number> {
  if (kind === 'sqlite') {
    return (
      (await sizeOf(join(dataDir, 'sluice.db'))) + (await sizeOf(join(dataDir, 'sluice.db-wal')))
    );
  }
  const { rows } = await sql<{ size: number }>`
    select pg_database_size(current_database()) as size`.execute(db);
  return rows[0]?.size ?? 0;
}

/** The key lies in a file of its own; without it every secret is lost at the next start. */
export async function checkMasterKey({ db }: Store, dataDir: string): Promise<Part> {
  const name = 'master key';
  const path = join(dataDir, 'keys', 'master.key');
  const failing = (detail: string, advice: string): Part => ({
    ...{ name, status: 'failing', detail, advice },
  });
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null) {
    return failing(
      `${path} is not there. Sluice works with the copy in its memory until it is stopped.`,
      'Restore the file from a backup before Sluice is restarted.',
    );
  }
  const known = await db.selectFrom('master_keys').select('key_id').execute();
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  if (!known.some((row) => row.key_id === id)) {
    return failing(
      `${path} is not the key that the secrets are sealed with.`,
      'Put back the key that belongs to this database before Sluice is restarted.',
    );
  }
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    return failing(`Other users of the machine can read ${path}.`, `Run: chmod 600 ${path}`);
  }
  return ok(name, 'The file is there, is the right one and is readable by Sluice alone.');
}
