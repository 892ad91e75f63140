import { advance } from './advance.ts';
import { type Context, isoTime } from './dependencies.ts';
import { endJob, outcomeWithout, putBack, restore } from './end-job.ts';
import type { JobLocks } from './job-locks.ts';
import { closeAttempt, endLog } from './job-log.ts';
import type { Job } from './rows.ts';
import { wantedBy } from './runners/waiting.ts';
import type { Verdict } from './states.ts';
import {
  afterLoss,
  type HeldJob,
  type Loss,
  type Remedy,
  remedyFor,
  type StuckLimits,
} from './stuck.ts';

const MINUTE_MS = 60_000;
/** A job that no runner takes for so long ends: every build comes to an end with a reason. */
const QUEUE_LIMIT_MS = 24 * 60 * MINUTE_MS;

/** So that people see what became of a one-job runner that was lost. */
const EPHEMERAL_KEPT_MS = 60 * MINUTE_MS;

/** Looks after jobs whose runner does not. Started once; `now` may be called at any time. */
export interface Sweeper {
  /** Heals what the last process left behind and starts looking. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Looks once: lapsed leases, overdue jobs, jobs that nobody takes. */
  sweep(): Promise<void>;
  /** Every lease of that runner is void: it belonged to a process that is gone. */
  voidLeasesOf(runner: string): Promise<void>;
  /** The same for a runner elsewhere. */
  voidLeasesOfRunner(runnerUuid: string, cause: Loss): Promise<void>;
  /** Jobs that were given to that runner and never reached it go back to where they stood, as if untouched. */
  restoreUnbegun(runnerUuid: string, holding: readonly number[]): Promise<void>;
  /** One job that its runner gives back. */
  giveBack(jobId: number): Promise<void>;
}

export function createSweeper(context: Context, locks: JobLocks): Sweeper {
  const { store, settings } = context;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const limits: StuckLimits = {
    totalMs: settings.totalMs,
    afterVerdictMs: settings.afterVerdictMs,
    graceMs: 5 * MINUTE_MS,
    cancelGraceMs: MINUTE_MS,
    maxLapses: 3,
    maxInterruptions: 10,
  };

  /** Decides about one job and acts, in one transaction; then sees to the log of the attempt that is over. */
  const treat = async (
    jobId: number,
    cause: Loss,
    decide: (job: HeldJob) => Remedy | null,
  ): Promise<void> => {
    const done = await context.transact(async (trx, change) => {
      const job = await trx
        .selectFrom('jobs')
        .selectAll()
        .where('id', '=', jobId)
        .where('state', '=', 'started')
        .executeTakeFirst();
      const remedy = job === undefined ? null : decide(heldFacts(job));
      if (job === undefined || remedy === null) return null;
      const counted = {
        lapses: job.lapses + (cause === 'lapsed' ? 1 : 0),
        interruptions: job.interruptions + (cause === 'lapsed' ? 0 : 1),
      };
      if (remedy.kind === 'put_back') {
        await putBack(trx, job, { note: remedy.note, ...counted }, change);
        return { job, note: remedy.note };
      }
      // The token of the lease is void: what still comes from that runner is too late.
      await trx.updateTable('jobs').set({ lease_hash: null }).where('id', '=', job.id).execute();
      await endJob(
        trx,
        job,
        { state: remedy.state, reason: remedy.reason, exitCode: null },
        change,
      );
      return { job, note: remedy.reason };
    });
    if (done === null) return;
    await closeAttempt(context, locks, jobId, done.job.attempt, done.note);
    await endLog(context, locks, jobId);
  };

  const sweep = async (): Promise<void> => {
    const held = await store.db
      .selectFrom('jobs')
      .selectAll()
      .where('state', '=', 'started')
      .execute();
    for (const job of held) {
      if (remedyFor(heldFacts(job), context.now(), limits) === null) continue;
      // Asked again inside the transaction: the runner may have renewed meanwhile.
      await treat(job.id, 'lapsed', (facts) => remedyFor(facts, context.now(), limits));
    }
    await endUntaken();
    await forgetEphemeral();
  };

  /** One-job runners that were lost instead of saying that they are gone. */
  const forgetEphemeral = async (): Promise<void> => {
    await store.db
      .deleteFrom('runners')
      .where('ephemeral', '=', 1)
      .where('last_seen_at', '<', isoTime(context.now() - EPHEMERAL_KEPT_MS))
      .execute();
  };

  const endUntaken = async (): Promise<void> => {
    const before = isoTime(context.now() - QUEUE_LIMIT_MS);
    const untaken = await store.db
      .selectFrom('jobs')
      .select('id')
      .where('state', '=', 'queued')
      .where('queued_at', '<', before)
      .limit(100)
      .execute();
    for (const { id } of untaken) {
      await context.transact(async (trx, change) => {
        const job = await trx
          .selectFrom('jobs')
          .selectAll()
          .where('id', '=', id)
          .where('state', '=', 'queued')
          .executeTakeFirst();
        if (job === undefined) return;
        const missing = await wantedBy(context, trx, job);
        const reason = `No runner took the job within 24 hours.${missing === null ? '' : ` It waited for ${missing}.`}`;
        await endJob(trx, job, { state: outcomeWithout(job), reason, exitCode: null }, change);
      });
      await endLog(context, locks, id);
    }
  };

  /** What the last process had committed but not carried out. */
  const heal = async (): Promise<void> => {
    const open = await store.db
      .selectFrom('jobs')
      .select(['id', 'state'])
      .where('log_ended', '=', 0)
      .where('state', 'in', ['passed', 'failed', 'errored', 'canceled'])
      .execute();
    for (const { id } of open) {
      await endLog(context, locks, id);
    }
    const unfinished = await store.db
      .selectFrom('builds')
      .select('id')
      .where('state', 'in', ['created', 'started'])
      .where('finished_at', 'is', null)
      .execute();
    for (const { id } of unfinished) {
      await context.transact((trx, change) => advance(trx, id, change));
    }
  };

  /** While the server was down no runner could renew; each gets one term to do so. */
  const extendLeases = async (): Promise<void> => {
    const term = isoTime(context.now() + settings.leaseMs);
    await store.db
      .updateTable('jobs')
      .set({ lease_expires_at: term })
      .where('state', '=', 'started')
      .where('lease_expires_at', '<', term)
      .execute();
  };

  const watch = async (): Promise<void> => {
    const pauseMs = Math.max(100, Math.min(5_000, settings.leaseMs / 3));
    while (!stopping.signal.aborted) {
      await sweep().catch((error: unknown) => context.onError(error, 'looking after jobs'));
      await store.events.wait('ci:sweep', pauseMs, stopping.signal);
    }
  };

  const lose = (jobId: number, cause: Loss): Promise<void> =>
    treat(jobId, cause, (facts) => afterLoss(facts, cause, limits));
  const heldBy = async (runnerUuid: string): Promise<number[]> => {
    const held = await store.db
      .selectFrom('jobs')
      .select('id')
      .where('state', '=', 'started')
      .where('lease_runner_uuid', '=', runnerUuid)
      .execute();
    return held.map(({ id }) => id);
  };

  return {
    sweep,
    giveBack: (jobId) => lose(jobId, 'given_back'),
    voidLeasesOfRunner: async (runnerUuid, cause) => {
      for (const id of await heldBy(runnerUuid)) await lose(id, cause);
    },
    restoreUnbegun: async (runnerUuid, holding) => {
      const unbegun = (await heldBy(runnerUuid)).filter((id) => !holding.includes(id));
      if (unbegun.length === 0) return;
      await context.transact(async (trx, change) => {
        await restore(trx, unbegun, runnerUuid);
        change.wake('queue');
      });
    },
    start: async () => {
      await extendLeases();
      await heal();
      loop = watch();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
    voidLeasesOf: async (runner) => {
      const held = await store.db
        .selectFrom('jobs')
        .select('id')
        .where('state', '=', 'started')
        .where('lease_runner', '=', runner)
        .where('lease_runner_uuid', 'is', null)
        .execute();
      for (const { id } of held) {
        await lose(id, 'interrupted');
      }
    },
  };
}

function heldFacts(job: Job): HeldJob {
  const time = (text: string | null): number | null => (text === null ? null : Date.parse(text));
  return {
    verdict: job.verdict as Verdict | null,
    lapses: job.lapses,
    interruptions: job.interruptions,
    runner: job.lease_runner ?? 'unknown',
    attempt: job.attempt,
    leaseExpiresAt: time(job.lease_expires_at) ?? 0,
    startedAt: time(job.started_at) ?? 0,
    verdictAt: time(job.verdict_at),
    cancelRequestedAt: time(job.cancel_requested_at),
  };
}
