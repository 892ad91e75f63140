import type { Outcome, Verdict } from './states.ts';

/** What is known of a job that a runner holds; times in milliseconds since the epoch. */
export interface HeldJob {
  readonly verdict: Verdict | null;
  readonly lapses: number;
  readonly interruptions: number;
  readonly runner: string;
  readonly attempt: number;
  readonly leaseExpiresAt: number;
  readonly startedAt: number;
  readonly verdictAt: number | null;
  readonly cancelRequestedAt: number | null;
}

export interface StuckLimits {
  readonly totalMs: number;
  readonly afterVerdictMs: number;
  /** What a runner gets beyond its own limits and after a cancel before the server acts itself. */
  readonly graceMs: number;
  readonly cancelGraceMs: number;
  /** Runners that may be lost, and restarts of the server that may interrupt, before a job is given up. */
  readonly maxLapses: number;
  readonly maxInterruptions: number;
}

/** How a job lost its runner: `replaced` by another process of the same runner, `given_back` by the runner itself. */
export type Loss = 'lapsed' | 'interrupted' | 'removed' | 'replaced' | 'given_back';

const WORDS: Readonly<Record<Loss, (runner: string) => string>> = {
  lapsed: (runner) => `The runner ${runner} stopped responding`,
  interrupted: () => 'The server restarted',
  removed: (runner) => `The runner ${runner} was removed`,
  replaced: (runner) => `The runner ${runner} was started anew`,
  given_back: (runner) => `The runner ${runner} was stopped`,
};

export type Remedy =
  | { readonly kind: 'end'; readonly state: Outcome; readonly reason: string }
  | { readonly kind: 'put_back'; readonly note: string };

/** What is to be done about a held job at `now`; null while its runner does its duty. */
export function remedyFor(job: HeldJob, now: number, limits: StuckLimits): Remedy | null {
  if (job.leaseExpiresAt <= now) return afterLoss(job, 'lapsed', limits);
  if (
    job.cancelRequestedAt !== null &&
    now - job.cancelRequestedAt > limits.cancelGraceMs + limits.graceMs
  ) {
    return end(job, 'canceled', `The runner ${job.runner} did not stop the job in time.`);
  }
  if (job.verdictAt !== null) {
    const overdue = now - job.verdictAt > limits.afterVerdictMs + limits.graceMs;
    return overdue
      ? end(job, 'errored', `The runner ${job.runner} did not end the job after its verdict.`)
      : null;
  }
  const overdue = now - job.startedAt > limits.totalMs + limits.graceMs;
  return overdue
    ? end(job, 'errored', `The runner ${job.runner} did not report a verdict in time.`)
    : null;
}

/**
 * What becomes of a job whose runner is gone: it is put back, unless somebody cancelled it or it was lost too
 * often. Its verdict, if it has one, stands in either case, and what is left is `after_success` and the like.
 */
export function afterLoss(job: HeldJob, cause: Loss, limits: StuckLimits): Remedy {
  const what = `${WORDS[cause](job.runner)} during attempt ${job.attempt}.`;
  if (job.cancelRequestedAt !== null) return end(job, 'canceled', what);
  const tooOften =
    cause === 'lapsed'
      ? job.lapses + 1 >= limits.maxLapses
      : job.interruptions + 1 >= limits.maxInterruptions;
  if (tooOften) return end(job, 'errored', `${what} The job is not tried again.`);
  return { kind: 'put_back', note: `${what} The job starts again.` };
}

function end(job: HeldJob, state: Outcome, reason: string): Remedy {
  return { kind: 'end', state: job.verdict ?? state, reason };
}
