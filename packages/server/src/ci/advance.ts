import type { Trx } from '../store/index.ts';
import { type JobFacts, progress } from './build-state.ts';
import { recordCommitTest } from './commit-tests.ts';
import { nextTicket } from './counters.ts';
import type { Change } from './dependencies.ts';
import { recordNotifications } from './notifications/record.ts';
import type { Build } from './rows.ts';
import { unsupportedMachine } from './runners/unsupported.ts';
import type { BuildState, JobState, Outcome, Verdict } from './states.ts';
import { isFinal } from './states.ts';

/**
 * Lets a build follow its jobs: opens stages, gives up those that are out of reach, and writes verdict and state,
 * all in the transaction that changed a job. So the verdict of a build is exactly as durable as that of its last
 * job, and the deploy room hears of it in the same moment (spec/ordering.md 2.3, 6).
 */
export async function advance(trx: Trx, buildId: number, change: Change): Promise<void> {
  const { now, wake } = change;
  const build = await trx
    .selectFrom('builds')
    .selectAll()
    .where('id', '=', buildId)
    .executeTakeFirstOrThrow();
  const jobs = await trx
    .selectFrom('jobs')
    .select(['id', 'stage_position', 'allow_failure', 'state', 'verdict', 'not_reached'])
    .where('build_id', '=', buildId)
    .orderBy('number')
    .execute();
  if (jobs.length === 0) return;

  const next = progress({
    fastFinish: build.fast_finish === 1,
    state: build.state as BuildState,
    verdict: build.verdict as Outcome | null,
    jobs: jobs.map(factsOf),
  });

  const impossible = await withoutRunner(trx, next.enqueue);
  for (const id of next.enqueue) {
    const reason = impossible.get(id);
    if (reason === undefined) await enqueue(trx, id, now);
    else await refuse(trx, id, reason, now);
  }
  for (const id of next.skip) await giveUp(trx, id, now);
  for (const [position, state] of next.stages.entries()) {
    await trx
      .updateTable('stages')
      .set({ state })
      .where('build_id', '=', buildId)
      .where('position', '=', position)
      .where('state', '!=', state)
      .execute();
  }
  await writeBuild(trx, build, next, change);
  if (next.verdict !== build.verdict) {
    await recordCommitTest(trx, { ...build, verdict: next.verdict }, change);
  }

  if (next.enqueue.length > 0) wake('queue');
  for (const id of [...next.enqueue, ...next.skip]) wake(`job:${id}`);
  wake(`build:${buildId}`);
  // What was refused has ended, and others may stand behind it.
  if (impossible.size > 0) await advance(trx, buildId, change);
}

function factsOf(job: {
  id: number;
  stage_position: number;
  allow_failure: number;
  state: string;
  verdict: string | null;
  not_reached: number;
}): JobFacts {
  return {
    id: job.id,
    stage: job.stage_position,
    allowFailure: job.allow_failure === 1,
    state: job.state as JobState,
    verdict: job.verdict as Verdict | null,
    notReached: job.not_reached === 1,
  };
}

async function enqueue(trx: Trx, jobId: number, now: string): Promise<void> {
  await trx
    .updateTable('jobs')
    .set({ state: 'queued', queued_at: now, queue_ticket: await nextTicket(trx, 'queue') })
    .where('id', '=', jobId)
    .execute();
}

/** Of these jobs those that no runner of this installation can run, with the reason. */
async function withoutRunner(trx: Trx, jobIds: readonly number[]): Promise<Map<number, string>> {
  if (jobIds.length === 0) return new Map();
  const jobs = await trx
    .selectFrom('jobs')
    .select(['id', 'config'])
    .where('id', 'in', jobIds)
    .execute();
  const found = new Map<number, string>();
  for (const job of jobs) {
    const reason = await unsupportedMachine(trx, JSON.parse(job.config));
    if (reason !== null) found.set(job.id, reason);
  }
  return found;
}

/** Ends a job before it begins: on a machine of another kind its result would say nothing. */
async function refuse(trx: Trx, jobId: number, reason: string, now: string): Promise<void> {
  await trx
    .updateTable('jobs')
    .set({ state: 'errored', verdict: 'errored', verdict_at: now, finished_at: now, reason })
    .where('id', '=', jobId)
    .execute();
}

async function giveUp(trx: Trx, jobId: number, now: string): Promise<void> {
  await trx
    .updateTable('jobs')
    .set({
      state: 'canceled',
      not_reached: 1,
      finished_at: now,
      reason: 'An earlier stage did not pass.',
    })
    .where('id', '=', jobId)
    .execute();
}

async function writeBuild(
  trx: Trx,
  build: Build,
  next: { state: BuildState; verdict: Outcome | null },
  change: Change,
): Promise<void> {
  const { now } = change;
  const ends = isFinal(next.state) && !isFinal(build.state);
  const begins = build.started_at === null && next.state !== 'created';
  const after = await trx
    .updateTable('builds')
    .set({
      state: next.state,
      verdict: next.verdict,
      ...(begins ? { started_at: now } : {}),
      ...(ends ? { finished_at: now } : {}),
    })
    .where('id', '=', build.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (begins && next.state === 'started') await recordNotifications(trx, after, null, change);
  if (ends && isFinal(next.state)) await recordNotifications(trx, after, next.state, change);
}
