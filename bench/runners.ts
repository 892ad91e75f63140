/**
 * What leasing costs with many runners and a long queue, in the CI room over a real store without HTTP: one lease at
 * growing lengths of the queue, a queue of 10,000 drained by 1,000 runners, and one job for 1,000 that wait.
 *
 *   node bench/runners.ts [--jobs 10000] [--runners 1000]
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { RunnerFacts } from '../packages/server/src/ci/index.ts';
import { type CiKit, createCiKit } from '../packages/server/src/ci/test/kit.ts';
import { insertsPerSecond } from './inserts.ts';
import { median, publish, type Row } from './lib.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    runners: { type: 'string', default: '1000' },
    json: { type: 'string' },
  },
});
const JOBS = Number(values.jobs);
const RUNNERS = Number(values.runners);
const REPOSITORIES = 20;
const JOBS_OF_A_BUILD = 10;
/** Of the queue; the whole of it would only take longer. */
const WORKED = 500;
const YAML = `language: generic\njobs:\n  include:\n${'    - script: "true"\n'.repeat(JOBS_OF_A_BUILD)}`;

const rows: Row[] = [];
const add = (name: string, ms: number) => rows.push({ name, figures: { ms } });
const insert = 'one fsynced insert';
add(insert, 1_000 / (await insertsPerSecond(2)));
const kit = await createCiKit();
try {
  const samples = await seed(kit);
  const runners = await registerAll(kit);
  const slope: Record<string, number> = {};
  for (const wanted of [100, 1_000, JOBS]) {
    await fill(kit, samples, wanted);
    slope[wanted] = await leaseMs(kit, runners);
    add(`one lease, ${wanted} jobs wait`, slope[wanted] ?? 0);
  }
  const [from, to] = [slope[100] ?? 0, slope[JOBS] ?? 0];
  add('slope: a thousand more jobs that wait', ((to - from) / (JOBS - 100)) * 1_000);
  add(`a job (lease, verdict, end), ${RUNNERS} runners`, await work(kit, runners));
  add(`${RUNNERS} runners wait: until a job is taken`, await wakeOne(kit, runners, samples));
} finally {
  await kit.close();
}
await publish(
  {
    title: 'Leasing jobs to many runners out of a long queue',
    reference: insert,
    columns: [{ key: 'ms', title: 'takes', unit: 'ms', better: 'lower' }],
    rows,
    skipped: [],
    conditions: { jobs: JOBS, runners: RUNNERS, repositories: REPOSITORIES },
  },
  process.argv.slice(2),
);

/** One real build in each repository; its rows are the pattern for all others. */
async function seed({ repository, push }: CiKit): Promise<number[]> {
  const builds: number[] = [];
  for (let index = 0; index < REPOSITORIES; index++) {
    const to = await repository(`acme/r${index}`);
    builds.push((await push(YAML, { to })).buildId);
  }
  return builds;
}

/** Copies builds until so many jobs wait. */
async function fill(kit: CiKit, samples: number[], wanted: number): Promise<void> {
  const { db } = kit.store;
  const { waiting, newest } = await db
    .selectFrom('jobs')
    .select(({ fn }) => [
      fn.count<number>('id').filterWhere('state', '=', 'queued').as('waiting'),
      fn.max<number>('queue_ticket').as('newest'),
    ])
    .executeTakeFirstOrThrow();
  let count = Number(waiting);
  let ticket = Number(newest) + 1;
  while (count < wanted) {
    await kit.store.transaction(async (trx) => {
      for (const sample of samples) {
        if (count >= wanted) return;
        const { id: _, ...build } = await trx
          .selectFrom('builds')
          .selectAll()
          .where('id', '=', sample)
          .executeTakeFirstOrThrow();
        const { id } = await trx
          .insertInto('builds')
          .values({ ...build, number: ticket + 1_000_000, push_id: null })
          .returning('id')
          .executeTakeFirstOrThrow();
        const stage = { build_id: id, position: 0, name: null, state: 'created' };
        await trx.insertInto('stages').values(stage).execute();
        const jobs = await trx
          .selectFrom('jobs')
          .selectAll()
          .where('build_id', '=', sample)
          .execute();
        await trx
          .insertInto('jobs')
          .values(
            jobs.map(({ id: __, ...job }) => ({
              ...{ ...job, build_id: id, state: 'queued', queue_ticket: ticket++ },
              ...{ lease_hash: null, lease_runner: null, lease_runner_uuid: null },
              ...{ lease_request: null, verdict: null, started_at: null, finished_at: null },
            })),
          )
          .execute();
        count += jobs.length;
      }
    });
  }
}

/** Their rows, at once: registering is a handshake of its own, and not what is measured. */
async function registerAll({ store }: CiKit): Promise<(() => RunnerFacts)[]> {
  const machine = { os: 'linux', arch: 'amd64', isolates: true };
  const now = new Date().toISOString();
  const names = Array.from({ length: RUNNERS }, (_, index) => `runner-${index}`);
  await store.transaction(async (trx) => {
    for (const name of names) {
      await trx
        .insertInto('runners')
        .values({
          ...{ uuid: name, name, token_hash: name, organisation_uuid: null, labels: '{}' },
          ...{ ...machine, isolates: 1, version: '0.1.0', executor: 'host', concurrency: 1 },
          ...{ ephemeral: 0, instance: name, jobs_taken: 0, draining: 0 },
          ...{ paused_at: null, paused_by: null, created_by: 'bench' },
          ...{ created_at: now, last_seen_at: now },
        })
        .execute();
    }
  });
  return names.map((name) => () => ({
    ...{ runner: name, isolates: true },
    registered: {
      ...{ uuid: name, instance: name, request: randomUUID() },
      machine: { ...machine, name, labels: {}, organisationUuid: null, embedded: false },
    },
  }));
}

/** Median of 30 leases that follow each other; each job is given back, so the queue stays as it is. */
async function leaseMs({ ci, store }: CiKit, runners: (() => RunnerFacts)[]): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 30; index++) {
    const runner = runners[index % runners.length]?.();
    if (runner === undefined) break;
    const begin = performance.now();
    const leased = await ci.runner.lease(runner, 0);
    times.push(performance.now() - begin);
    if (leased === null) throw new Error('nothing to lease');
    await store.db
      .updateTable('jobs')
      .set({ state: 'queued', lease_hash: null, lease_runner_uuid: null })
      .where('id', '=', leased.payload.jobId)
      .execute();
  }
  return Number(median(times).toFixed(2));
}

/** All runners at once for some of the queue: milliseconds for each job. */
async function work({ ci }: CiKit, runners: (() => RunnerFacts)[]) {
  let done = 0;
  const begin = performance.now();
  const gone = new AbortController();
  let ms = 0;
  await Promise.all(
    runners.map(async (runner) => {
      while (!gone.signal.aborted) {
        const leased = await ci.runner.lease(runner(), 60_000, gone.signal);
        if (leased === null) continue;
        const { leaseToken, payload } = leased;
        await ci.runner.verdict(payload.jobId, leaseToken, 'passed');
        const end = { state: 'passed', exitCode: 0, reason: null } as const;
        await ci.runner.finish(payload.jobId, leaseToken, end);
        done += 1;
        if (done === WORKED) ms = (performance.now() - begin) / done;
        if (done >= WORKED) gone.abort();
      }
    }),
  );
  return ms;
}

/** All runners wait; one build comes. */
async function wakeOne(kit: CiKit, runners: (() => RunnerFacts)[], samples: number[]) {
  await kit.store.db
    .updateTable('jobs')
    .set({ state: 'canceled' })
    .where('state', 'in', ['queued', 'started'])
    .execute();
  const gone = new AbortController();
  const begin = { at: 0 };
  const first = Promise.withResolvers<number>();
  const asking = runners.map(async (runner) => {
    const leased = await kit.ci.runner.lease(runner(), 60_000, gone.signal);
    if (leased !== null) first.resolve(performance.now() - begin.at);
  });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  begin.at = performance.now();
  await fill(kit, samples.slice(0, 1), 1);
  kit.store.events.emit('queue');
  const ms = await first.promise;
  gone.abort();
  await Promise.all(asking);
  return ms;
}
