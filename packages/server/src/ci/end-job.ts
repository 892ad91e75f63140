import type { Trx } from '../store/index.ts';
import { advance } from './advance.ts';
import type { Change } from './dependencies.ts';
import type { Job } from './rows.ts';
import type { Outcome, Verdict } from './states.ts';

export interface Ending {
  readonly state: Outcome;
  readonly reason: string | null;
  readonly exitCode: number | null;
}

/**
 * Ends a job and lets its build follow. A stored verdict stays whatever came after it, and is the job's end too, but
 * for a deployment that failed after a passed test: that job ends errored (spec/travis.md 5.3, 7.3), and its commit
 * stays tested. A job that ends without a verdict gets the one that its end amounts to.
 */
export async function endJob(trx: Trx, job: Job, ending: Ending, change: Change): Promise<void> {
  const stored = job.verdict as Verdict | null;
  const deployFailed = stored === 'passed' && ending.state === 'errored';
  const state = deployFailed ? 'errored' : (stored ?? ending.state);
  const verdict = stored ?? (state === 'canceled' ? null : state);
  await trx
    .updateTable('jobs')
    .set({
      state,
      verdict,
      verdict_at: verdict === null ? null : (job.verdict_at ?? change.now),
      reason: ending.reason,
      exit_code: ending.exitCode,
      finished_at: change.now,
      lease_expires_at: null,
    })
    .where('id', '=', job.id)
    .execute();
  await change.accounts.endJobToken(job.id, trx);
  await advance(trx, job.build_id, change);
  change.wake(`job:${job.id}`);
  // Its slot is free, which may be what another waits for.
  change.wake('queue');
}

/** How a job ends that cannot be run (again): by the verdict that an earlier attempt has left, else errored. */
export function outcomeWithout(job: Job): Outcome {
  return (job.verdict as Verdict | null) ?? 'errored';
}

/**
 * Puts a job back into the queue for a further attempt with a log of its own. It keeps its place (the ticket) and
 * its verdict, if it has one (spec/ordering.md 2.3).
 */
export async function putBack(
  trx: Trx,
  job: Job,
  back: { readonly note: string; readonly lapses: number; readonly interruptions: number },
  change: Change,
): Promise<void> {
  await trx
    .updateTable('jobs')
    .set({
      state: 'queued',
      attempt: job.attempt + 1,
      lapses: back.lapses,
      interruptions: back.interruptions,
      put_back_note: back.note,
      lease_hash: null,
      lease_runner: null,
      lease_runner_uuid: null,
      lease_request: null,
      lease_expires_at: null,
      log_ended: 0,
      queued_at: change.now,
      started_at: null,
    })
    .where('id', '=', job.id)
    .execute();
  await change.accounts.endJobToken(job.id, trx);
  change.wake(`job:${job.id}`);
  change.wake(`build:${job.build_id}`);
  change.wake('queue');
}

/** Puts jobs that never reached the runner they were meant for back to where they stood: nothing has happened to them. */
export async function restore(
  trx: Trx,
  jobIds: readonly number[],
  runnerUuid: string | null,
): Promise<void> {
  const restored = await trx
    .updateTable('jobs')
    .set({
      state: 'queued',
      lease_hash: null,
      lease_runner: null,
      lease_runner_uuid: null,
      lease_request: null,
      lease_expires_at: null,
    })
    .where('id', 'in', jobIds)
    .where('state', '=', 'started')
    .where('lease_runner_uuid', runnerUuid === null ? 'is' : '=', runnerUuid)
    .returning('id')
    .execute();
  if (runnerUuid === null || restored.length === 0) return;
  await trx
    .updateTable('runners')
    .set((eb) => ({ jobs_taken: eb('jobs_taken', '-', restored.length) }))
    .where('uuid', '=', runnerUuid)
    .execute();
}
