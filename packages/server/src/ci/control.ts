import { SluiceError } from '../errors.ts';
import type { Trx } from '../store/index.ts';
import { advance } from './advance.ts';
import { recordCommitTest } from './commit-tests.ts';
import type { Context } from './dependencies.ts';
import type { JobLocks } from './job-locks.ts';
import { endLog } from './job-log.ts';
import type { Job } from './rows.ts';
import { isFinal } from './states.ts';

/** What people do to builds and jobs. `who` is an email, kept with the build. */
export interface Control {
  /** What waits ends at once; what runs is stopped by its runner. A job that has its verdict keeps it. */
  cancelBuild(buildId: number, who: string): Promise<void>;
  cancelJob(jobId: number, who: string): Promise<void>;
  /** All jobs run again. Throws `conflict` while one of them still runs. */
  restartBuild(buildId: number, who: string): Promise<void>;
  /** That job runs again, and those of later stages that were never reached get their chance. */
  restartJob(jobId: number, who: string): Promise<void>;
}

export function createControl(context: Context, locks: JobLocks): Control {
  const cancel = async (
    select: (trx: Trx) => Promise<{ buildId: number; jobs: Job[]; wholeBuild: boolean }>,
    who: string,
  ): Promise<void> => {
    const ended = await context.transact(async (trx, change) => {
      const { buildId, jobs, wholeBuild } = await select(trx);
      const open = jobs.filter((job) => !isFinal(job.state));
      if (open.length === 0) {
        throw new SluiceError('conflict', 'It has ended already.', { reason: 'already_ended' });
      }
      const now = change.now;
      // All rows first, then one look at the whole: or the end of one would queue the next stage's.
      for (const job of open) {
        const waits = job.state !== 'started';
        await trx
          .updateTable('jobs')
          .set(
            waits
              ? {
                  state: job.verdict ?? 'canceled',
                  reason: `Canceled by ${who}.`,
                  finished_at: now,
                  canceled_by: who,
                }
              : { cancel_requested_at: job.cancel_requested_at ?? now, canceled_by: who },
          )
          .where('id', '=', job.id)
          .execute();
        change.wake(`job:${job.id}`);
      }
      if (wholeBuild) {
        await trx
          .updateTable('builds')
          .set({ canceled_by: who })
          .where('id', '=', buildId)
          .execute();
      }
      await advance(trx, buildId, change);
      return open.filter((job) => job.state !== 'started').map((job) => job.id);
    });
    for (const id of ended) await endLog(context, locks, id);
  };

  const restart = async (
    select: (trx: Trx) => Promise<{ buildId: number; jobs: Job[] }>,
    who: string,
  ): Promise<void> => {
    await context.transact(async (trx, change) => {
      const { buildId, jobs } = await select(trx);
      for (const job of jobs) await reset(trx, job, who);
      const build = await trx
        .updateTable('builds')
        .set({
          state: 'created',
          verdict: null,
          started_at: null,
          finished_at: null,
          canceled_by: null,
          restarted_by: who,
        })
        .where('id', '=', buildId)
        .returningAll()
        .executeTakeFirstOrThrow();
      await recordCommitTest(trx, build, change);
      await advance(trx, buildId, change);
      for (const job of jobs) change.wake(`job:${job.id}`);
    });
  };

  return {
    cancelBuild: (buildId, who) =>
      cancel(async (trx) => {
        await buildMustExist(trx, buildId);
        return { buildId, jobs: await jobsOf(trx, buildId), wholeBuild: true };
      }, who),

    cancelJob: (jobId, who) =>
      cancel(async (trx) => {
        const job = await jobMustExist(trx, jobId);
        return { buildId: job.build_id, jobs: [job], wholeBuild: false };
      }, who),

    restartBuild: (buildId, who) =>
      restart(async (trx) => {
        await buildMustExist(trx, buildId);
        const jobs = await jobsOf(trx, buildId);
        if (jobs.length === 0) {
          throw new SluiceError(
            'conflict',
            'The build has no jobs: its configuration is at fault.',
            {
              reason: 'no_jobs',
              remedy: 'Push a commit with a corrected .travis.yml.',
            },
          );
        }
        for (const job of jobs) mustHaveEnded(job);
        return { buildId, jobs };
      }, who),

    restartJob: (jobId, who) =>
      restart(async (trx) => {
        const job = await jobMustExist(trx, jobId);
        mustHaveEnded(job);
        if (job.not_reached === 1) {
          throw new SluiceError('conflict', 'The job was never reached.', {
            reason: 'not_reached',
            remedy: 'Restart the job of the earlier stage that did not pass, or the whole build.',
          });
        }
        const all = await jobsOf(trx, job.build_id);
        const unreached = all.filter(
          (other) => other.not_reached === 1 && other.stage_position > job.stage_position,
        );
        return { buildId: job.build_id, jobs: [job, ...unreached] };
      }, who),
  };
}

async function reset(trx: Trx, job: Job, who: string): Promise<void> {
  const ran = job.not_reached === 0;
  await keepRun(trx, job);
  await trx
    .updateTable('jobs')
    .set({
      state: 'created',
      verdict: null,
      attempt: ran ? job.attempt + 1 : job.attempt,
      lapses: 0,
      interruptions: 0,
      not_reached: 0,
      queue_ticket: null,
      lease_hash: null,
      lease_runner: null,
      lease_expires_at: null,
      cancel_requested_at: null,
      canceled_by: null,
      restarted_by: ran ? who : job.restarted_by,
      exit_code: null,
      reason: null,
      notices: '[]',
      put_back_note: null,
      log_ended: 0,
      queued_at: null,
      started_at: null,
      verdict_at: null,
      finished_at: null,
    })
    .where('id', '=', job.id)
    .execute();
}

/** Whoever looks for flaky jobs must know how it ended before. */
async function keepRun(trx: Trx, job: Job): Promise<void> {
  if (job.verdict === null || job.finished_at === null) return;
  await trx
    .insertInto('past_job_runs')
    .values({
      job_id: job.id,
      attempt: job.attempt,
      repository_uuid: job.repository_uuid,
      verdict: job.verdict,
      queued_at: job.queued_at,
      started_at: job.started_at,
      finished_at: job.finished_at,
    })
    .onConflict((conflict) => conflict.columns(['job_id', 'attempt']).doNothing())
    .execute();
}

function jobsOf(trx: Trx, buildId: number): Promise<Job[]> {
  return trx
    .selectFrom('jobs')
    .selectAll()
    .where('build_id', '=', buildId)
    .orderBy('number')
    .execute();
}

async function buildMustExist(trx: Trx, buildId: number): Promise<void> {
  const build = await trx
    .selectFrom('builds')
    .select('id')
    .where('id', '=', buildId)
    .executeTakeFirst();
  if (build === undefined) throw new SluiceError('not_found', `There is no build ${buildId}.`);
}

async function jobMustExist(trx: Trx, jobId: number): Promise<Job> {
  const job = await trx.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirst();
  if (job === undefined) throw new SluiceError('not_found', `There is no job ${jobId}.`);
  return job;
}

function mustHaveEnded(job: Job): void {
  if (isFinal(job.state)) return;
  throw new SluiceError('conflict', `Job ${job.id} has not ended yet.`, {
    reason: 'still_running',
    remedy: 'Cancel it first, or wait for its end.',
  });
}
