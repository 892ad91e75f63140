import { SluiceError } from '../errors.ts';
import { advance } from './advance.ts';
import { type Context, isoTime } from './dependencies.ts';
import { endJob } from './end-job.ts';
import { heldJob, leaseLost, workingJob } from './held-job.ts';
import type { JobLocks } from './job-locks.ts';
import { endLog, streamOf } from './job-log.ts';
import type { Build, Job } from './rows.ts';
import { isFinal, type Outcome, type Verdict } from './states.ts';

/**
 * How much more than the runner's own limit is still taken: `[secure]` can be twice as long as what it hides, and the line that
 * says why the job was stopped comes on top. Only a runner that does not keep the limit at all meets this one.
 */
const LOG_MARGIN_FACTOR = 2;
const LOG_MARGIN_BYTES = 65_536;
const MAX_NOTICES = 50;
const MAX_NOTICE_LENGTH = 1_000;

export interface DeployableCommit {
  readonly jobId: number;
  /** `4.1`. */
  readonly number: string;
  readonly attempt: number;
  readonly repositoryUuid: string;
  readonly sha: string;
}

/** What a runner may do to the job it leases. Every call proves the lease and is refused (`lease_lost`) once it is gone. */
export interface HeldJobs {
  renew(
    jobId: number,
    leaseToken: string,
  ): Promise<{ expiresAt: string; cancelRequested: boolean }>;
  appendLog(
    jobId: number,
    leaseToken: string,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ size: number }>;
  notices(jobId: number, leaseToken: string, lines: readonly string[]): Promise<void>;
  /** The first verdict stands. It is on disk when this resolves, and the job's slot is free (spec/ordering.md 2.3). */
  verdict(jobId: number, leaseToken: string, verdict: Verdict): Promise<void>;
  /**
   * The commit that this job may ask to be deployed: its own, once its test has passed and while it runs. Throws
   * `forbidden` for pull requests and builds that are not trusted, whatever their file says (spec/travis.md 7.1, 14.5).
   */
  deployable(jobId: number, leaseToken: string): Promise<DeployableCommit>;
  /** May be called again with the same token: a runner that lost the answer asks twice. */
  finish(
    jobId: number,
    leaseToken: string,
    ending: { state: Outcome; exitCode: number | null; reason: string | null },
  ): Promise<void>;
}

export function createHeldJobs(context: Context, locks: JobLocks): HeldJobs {
  const { store, settings } = context;

  return {
    renew: (jobId, leaseToken) =>
      context.transact(async (trx) => {
        const job = await workingJob(trx, jobId, leaseToken);
        const expiresAt = isoTime(context.now() + settings.leaseMs);
        await trx
          .updateTable('jobs')
          .set({ lease_expires_at: expiresAt })
          .where('id', '=', jobId)
          .execute();
        return { expiresAt, cancelRequested: job.cancel_requested_at !== null };
      }),

    appendLog: (jobId, leaseToken, offset, bytes) =>
      // The lock keeps the note of a lapse from getting between the check and the write.
      locks.run(jobId, async () => {
        const job = await heldJob(store.db, jobId, leaseToken);
        const stream = streamOf(job.id, job.attempt);
        if (job.state !== 'started') {
          const size = await store.logs.size(stream);
          if (offset + bytes.byteLength <= size) return { size };
          throw leaseLost(jobId);
        }
        if (offset + bytes.byteLength > settings.logBytes * LOG_MARGIN_FACTOR + LOG_MARGIN_BYTES) {
          throw new SluiceError('too_large', `The log of job ${jobId} is too long.`, {
            reason: 'log_too_long',
          });
        }
        return { size: await store.logs.appendAt(stream, offset, bytes) };
      }),

    notices: (jobId, leaseToken, lines) =>
      context.transact(async (trx, change) => {
        const job = await workingJob(trx, jobId, leaseToken);
        const known = JSON.parse(job.notices) as string[];
        const fresh = lines.map((line) => line.slice(0, MAX_NOTICE_LENGTH));
        const notices = [...new Set([...known, ...fresh])].slice(0, MAX_NOTICES);
        await trx
          .updateTable('jobs')
          .set({ notices: JSON.stringify(notices) })
          .where('id', '=', jobId)
          .execute();
        change.wake(`job:${jobId}`);
        change.wake(`build:${job.build_id}`);
      }),

    verdict: async (jobId, leaseToken, verdict) => {
      const canceled = await context.transact(async (trx, change) => {
        const job = await heldJob(trx, jobId, leaseToken);
        if (job.verdict !== null) return false;
        if (job.state !== 'started') throw leaseLost(jobId);
        if (job.cancel_requested_at !== null) {
          // Somebody said stop before the result was known: it must not pass for tested any more.
          const reason = `Canceled by ${job.canceled_by ?? 'somebody'}.`;
          await endJob(trx, job, { state: 'canceled', reason, exitCode: null }, change);
          return true;
        }
        await trx
          .updateTable('jobs')
          .set({ verdict, verdict_at: change.now })
          .where('id', '=', jobId)
          .execute();
        await advance(trx, job.build_id, change);
        change.wake(`job:${jobId}`);
        change.wake('queue');
        return false;
      });
      if (!canceled) return;
      await endLog(context, locks, jobId);
      throw leaseLost(jobId);
    },

    deployable: async (jobId, leaseToken) => {
      const job = await workingJob(store.db, jobId, leaseToken);
      const build = await store.db
        .selectFrom('builds')
        .selectAll()
        .where('id', '=', job.build_id)
        .executeTakeFirstOrThrow();
      const refusal = deployRefusal(job, build);
      if (refusal !== null) {
        throw new SluiceError('forbidden', refusal, { reason: 'not_deployable' });
      }
      return {
        jobId,
        number: `${build.number}.${job.number}`,
        attempt: job.attempt,
        repositoryUuid: job.repository_uuid,
        sha: build.sha,
      };
    },

    finish: async (jobId, leaseToken, ending) => {
      await context.transact(async (trx, change) => {
        const job = await heldJob(trx, jobId, leaseToken);
        if (isFinal(job.state)) return;
        if (job.state !== 'started') throw leaseLost(jobId);
        await endJob(trx, job, ending, change);
      });
      await endLog(context, locks, jobId);
    },
  };
}

/** Why a job may not have its commit deployed; null when it may. */
function deployRefusal(job: Job, build: Build): string | null {
  if (build.event === 'pull_request' || build.pull_request !== null) {
    return 'A pull request is never deployed.';
  }
  if (build.trusted !== 1 || job.trusted !== 1) {
    return 'This build is not trusted: it deploys nothing.';
  }
  if (job.cancel_requested_at !== null) return 'The job was canceled.';
  return job.verdict === 'passed' ? null : 'The test of this job has not passed.';
}
