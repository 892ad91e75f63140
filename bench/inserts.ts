/** The reference of everything that is accepted durably: node:sqlite alone, with the settings that the store uses. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';

/** How often `work` got done in a second; it counts for itself until the time that it is given. */
export async function perSecond(
  seconds: number,
  work: (until: number) => Promise<number>,
): Promise<number> {
  const begun = performance.now();
  const count = await work(begun + seconds * 1_000);
  return (count * 1_000) / (performance.now() - begun);
}

/** Fsynced inserts, one for each transaction; `cpuMs` is this process's time for one. */
export async function inserts(seconds: number): Promise<{ perSecond: number; cpuMs: number }> {
  const path = join(tmpdir(), `sluice-bench-${process.pid}.db`);
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table t (x text)');
  const insert = database.prepare('insert into t values (?)');
  let count = 0;
  const before = process.cpuUsage();
  const rate = await perSecond(seconds, async (until) => {
    while (performance.now() < until) {
      insert.run('a signal');
      count += 1;
    }
    return count;
  });
  const { user, system } = process.cpuUsage(before);
  database.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return { perSecond: rate, cpuMs: (user + system) / 1_000 / count };
}

export const insertsPerSecond = async (seconds: number): Promise<number> =>
  (await inserts(seconds)).perSecond;
