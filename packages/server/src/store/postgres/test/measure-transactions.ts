/**
 * What it costs on PostgreSQL to let transactions run as SQLite does, one after the other, against the other way to be
 * safe: SERIALIZABLE, tried again where it fails (docs/adr/0008). Two pools of eight connections each, as two servers:
 * `node packages/server/src/store/postgres/test/measure-transactions.ts`
 */
import { startPostgres } from '@sluice/testing';
import pg from 'pg';

const SECONDS = 5;
const cluster = await startPostgres({ durable: true });

/** `unsafe`: nothing keeps two from reading the same and both writing; what any way to be safe can reach at most. */
const STRATEGIES = ['lock', 'lock in a message of its own', 'serializable', 'unsafe'] as const;
type Strategy = (typeof STRATEGIES)[number];
/** What a transaction works on: the queue's ticket and its audit entry, or an environment that is its own. */
type Work = 'one row of all' | 'rows of its own';

interface Outcome {
  readonly committed: number;
  readonly failed: number;
}

const pools = [1, 2].map(() => new pg.Pool({ connectionString: cluster.url('postgres'), max: 8 }));
const [first] = pools;
if (first === undefined) throw new Error('there is no pool');
await first.query('create table bench_rows (id bigint primary key, value bigint, owner bigint)');
await first.query('insert into bench_rows select g, 0, g % 64 from generate_series(0, 6399) g');
await first.query('create index bench_owner on bench_rows (owner)');

/** Reads, decides and writes, as a transition of an environment or of a job does: five statements. */
async function transaction(client: pg.PoolClient, work: Work, own: number): Promise<void> {
  const shared = work === 'one row of all' ? 0 : own;
  const { rows } = await client.query('select sum(value) as sum from bench_rows where owner = $1', [
    own,
  ]);
  await client.query('select value from bench_rows where id = $1', [own]);
  await client.query('update bench_rows set value = value + 1 where id = $1', [shared]);
  await client.query('update bench_rows set value = value + $2 where id = $1', [
    own + 64,
    rows.length,
  ]);
}

async function once(pool: pg.Pool, strategy: Strategy, work: Work, own: number): Promise<boolean> {
  const client = await pool.connect();
  try {
    if (strategy === 'lock') await client.query('begin; select pg_advisory_xact_lock(4712)');
    else if (strategy === 'serializable') await client.query('begin isolation level serializable');
    else await client.query('begin');
    if (strategy === 'lock in a message of its own') {
      await client.query('select pg_advisory_xact_lock(4712)');
    }
    await transaction(client, work, own);
    await client.query('commit');
    return true;
  } catch {
    await client.query('rollback');
    return false;
  } finally {
    client.release();
  }
}

async function measure(strategy: Strategy, work: Work): Promise<Outcome> {
  const end = performance.now() + SECONDS * 1_000;
  let committed = 0;
  let failed = 0;
  const worker = async (pool: pg.Pool, own: number) => {
    while (performance.now() < end) {
      if (await once(pool, strategy, work, own)) committed += 1;
      else failed += 1;
    }
  };
  await Promise.all(
    pools.flatMap((pool, server) =>
      Array.from({ length: 8 }, (_, index) => worker(pool, 1 + server * 8 + index)),
    ),
  );
  return { committed, failed };
}

for (const work of ['one row of all', 'rows of its own'] as const) {
  for (const strategy of STRATEGIES) {
    const { committed, failed } = await measure(strategy, work);
    const share = Math.round((100 * failed) / (committed + failed));
    const perSecond = Math.round(committed / SECONDS);
    console.log(`${work}, ${strategy}: ${perSecond} a second, ${share} % of the attempts failed`);
  }
}
await Promise.all(pools.map((pool) => pool.end()));
await cluster.destroy();
