import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Store } from '../../packages/server/src/store/index.ts';
import { type PostgresCluster, startPostgres } from '../../packages/testing/src/postgres.ts';

/**
 * A cluster for this run, in which every store that is opened from now on has its database. Without parallel workers, whose
 * processor time would be gone with them.
 */
export async function startDatabase(): Promise<PostgresCluster> {
  const cluster = await startPostgres();
  await cluster.psql('postgres', 'alter role sluice set max_parallel_workers_per_gather = 0');
  process.env['SLUICE_TEST_DATABASE_URL'] = cluster.url('postgres');
  return cluster;
}

/** Processor time, in milliseconds, of this process and of the database's for this store while `work` ran. */
export async function processorTime(store: Store, work: () => Promise<unknown>): Promise<number> {
  const known = timesOf(await backends(store));
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  // Those known are read first: asking for the others takes time of one of them.
  const after = timesOf([...known.keys()]);
  const opened = timesOf((await backends(store)).filter((pid) => !known.has(pid)));
  let ns = 0;
  for (const [pid, time] of [...after, ...opened]) ns += time - (known.get(pid) ?? 0);
  return (user + system) / 1_000 + ns / 1e6;
}

async function backends({ kind, db }: Store): Promise<number[]> {
  if (kind === 'sqlite') return [];
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database()`.execute(db);
  return rows.map(({ pid }) => pid);
}

/** Nanoseconds on a processor since each began (proc(5), schedstat). */
function timesOf(pids: readonly number[]): Map<number, number> {
  return new Map(
    pids.map((pid) => [pid, Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0])]),
  );
}

export async function bytesOf({ kind, db }: Store, dataDir: string): Promise<number> {
  if (kind === 'sqlite') return (await stat(join(dataDir, 'sluice.db'))).size;
  const { rows } = await sql<{ bytes: string }>`
    select pg_database_size(current_database()) as bytes`.execute(db);
  return Number(rows[0]?.bytes);
}
