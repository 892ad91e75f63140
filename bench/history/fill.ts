import { type RawBuilder, sql } from 'kysely';
import type { Store } from '../../packages/server/src/store/index.ts';
import { wordsOf } from './words.ts';

/** Where a copied row belongs. */
export interface Place {
  readonly repository: string;
  readonly application: string;
  readonly environment: string;
}

/** One deployment for so many builds. */
const BUILDS_OF_A_DEPLOYMENT = 5;
/** Ids of the copies begin here, above those of what is real. */
const BASE = 1_000;
const DAYS = 365;
const AT_ONCE = 100_000;

type Values = Readonly<Record<string, RawBuilder<unknown> | null>>;

/**
 * Copies the one real build that is there until `wanted` builds have ended, with a deployment for each fifth, spread over a
 * year and all places.
 */
export async function fill(
  store: Store,
  places: readonly Place[],
  from: number,
  wanted: number,
): Promise<void> {
  const { db } = store;
  await sql`create table if not exists bench_places
    (j integer primary key, repository text, application text, environment text)`.execute(db);
  await sql`delete from bench_places`.execute(db);
  for (const [j, one] of places.entries())
    await sql`insert into bench_places
      values (${j}, ${one.repository}, ${one.application}, ${one.environment})`.execute(db);
  for (let at = from; at < wanted; at += AT_ONCE)
    await copy(store, places.length, at, Math.min(wanted, at + AT_ONCE), wanted);
  await wordsOf(store).settle(store, ['pushes', 'builds', 'jobs']);
}

async function copy(store: Store, places: number, from: number, to: number, all: number) {
  const id = sql`${sql.lit(BASE)} + n.i`;
  const { hex, ago } = wordsOf(store);
  const sha = hex(sql`n.i`);
  const key = (prefix: string) => sql`${sql.lit(prefix)} || ${sha}`;
  const secondsAgo = sql.lit((DAYS * 86_400) / all);
  const at = ago(sql`(${sql.lit(all)} - n.i) * ${secondsAgo}`);
  const number = sql`100 + n.i / ${sql.lit(places)}`;
  const of = { repository_uuid: sql`p.repository` };
  const where = {
    ...of,
    application_uuid: sql`p.application`,
    environment_uuid: sql`p.environment`,
  };
  const passed = sql`case when n.i % 7 = 0 then 'failed' else 'passed' end`;
  const ended = { created_at: at, queued_at: at, started_at: at, verdict_at: at, finished_at: at };
  const build = { ...of, ...ended, number, sha, state: passed, verdict: passed, push_id: id };
  const job = { ...of, ...ended, build_id: id, state: passed, verdict: passed };

  const tables = await store.db.introspection.getTables();
  await store.transaction(async (trx) => {
    /** Columns without a value are those of the first row of the pattern, or empty where there is none. */
    const insert = async (table: string, values: Values, every = 1, isPattern = false) => {
      const columns = (tables.find(({ name }) => name === table)?.columns ?? []).filter(
        ({ name }) => values[name] !== null,
      );
      const empty = (type: string, isNullable: boolean) =>
        isNullable ? sql`null` : /int/i.test(type) ? sql`0` : sql`''`;
      const expressions = columns.map(
        ({ name, dataType, isNullable }) =>
          values[name] ?? (isPattern ? sql`t.${sql.ref(name)}` : empty(dataType, isNullable)),
      );
      const pattern = isPattern
        ? sql`cross join (select * from ${sql.table(table)} order by id limit 1) t`
        : sql``;
      await sql`insert into ${sql.table(table)} (${sql.join(columns.map(({ name }) => sql.ref(name)))})
        with recursive n (i) as
          (select ${sql.lit(from)} + 1 union all select i + 1 from n where i < ${sql.lit(to)})
        select ${sql.join(expressions)} from n
        join bench_places p on p.j = n.i % ${sql.lit(places)} ${pattern}
        where n.i % ${sql.lit(every)} = 0`.execute(trx);
    };
    const queueless = { queue_ticket: sql`null`, log_ended: sql`1` };
    const main = sql`'refs/heads/main'`;
    await insert('pushes', { ...of, id, ref: main, after_sha: sha, received_at: at, build_id: id });
    await insert('builds', { ...build, id }, 1, true);
    await insert('stages', { id: null, build_id: id, state: passed });
    await insert('jobs', { ...job, ...queueless, id }, 1, true);
    const test = { build_id: id, sha, build_number: number, state: passed, updated_at: at };
    await insert('commit_tests', { ...of, ...test, event: sql`'push'` });

    const every = BUILDS_OF_A_DEPLOYMENT;
    const uuid = { deployment_uuid: key('d') };
    const times = { accepted_at: at, started_at: at, queued_at: at, running_at: at, ended_at: at };
    const state = { status: sql`'SUCCEEDED'`, success: sql`1`, switched: sql`1` };
    const deployment = { ...where, ...times, ...state, number: sql`100 + n.i`, sha };
    await insert('deployments', { ...deployment, uuid: key('d'), release_uuid: key('r') }, every);
    const release = { ...where, ...uuid, sha, image_uuid: key('i'), created_at: at, live_at: at };
    await insert('releases', { ...release, uuid: key('r'), removed_at: at }, every);
    await insert(
      'images',
      { ...where, ...uuid, uuid: key('i'), sha, state: sql`'removed'` },
      every,
    );
    const instance = { ...where, ...uuid, release_uuid: key('r'), state: sql`'stopped'` };
    await insert('instances', { ...instance, uuid: key('n'), created_at: at }, every);
    for (const rule of ['signal', 'starts', 'switch_committed', 'succeeds'])
      await insert(
        'deployment_events',
        { ...where, ...uuid, id: null, sha, at, rule: sql`${rule}` },
        every,
      );
    await insert(
      'signals',
      { ...where, ...uuid, uuid: key('s'), idempotency_key: sql`null` },
      every,
    );
  });
}
