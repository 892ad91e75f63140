import type { Trx } from '../store/index.ts';
import { type AdvanceOptions, advance, type Job } from './advance.ts';
import type { Outcome, Verdict } from './states.ts';

export interface Ending {
  readonly state: Outcome;
  readonly reason: string | null;
  readonly exitCode: number | null;
}

/**
 * Ends a job and lets its build follow. A stored verdict is the job's end whatever came after it; a job that ends
 * without one gets the verdict that its end amounts to.
 */
export async function endJob(
  trx: Trx,
  job: Job,
  ending: Ending,
  options: AdvanceOptions,
): Promise<void> {
  const state = (job.verdict as Verdict | null) ?? ending.state;
  const verdict = state === 'canceled' ? null : state;
  await trx
    .updateTable('jobs')
    .set({
      state,
      verdict,
      verdict_at: verdict === null ? null : (job.verdict_at ?? options.now),
      reason: ending.reason,
      exit_code: ending.exitCode,
      finished_at: options.now,
      lease_expires_at: null,
    })
    .where('id', '=', job.id)
    .execute();
  await advance(trx, job.build_id, options);
  options.wake(`job:${job.id}`);
  // Its slot is free, which may be what another waits for.
  options.wake('queue');
}

/**
 * Puts a job back into the queue for a further attempt with a log of its own. It keeps its place (the ticket) and
 * its verdict, if it has one (spec/ordering.md 2.3).
 */
export async function putBack(
  trx: Trx,
  job: Job,
  change: { readonly note: string; readonly lapses: number; readonly interruptions: number },
  options: AdvanceOptions,
): Promise<void> {
  await trx
    .updateTable('jobs')
    .set({
      state: 'queued',
      attempt: job.attempt + 1,
      lapses: change.lapses,
      interruptions: change.interruptions,
      put_back_note: change.note,
      lease_hash: null,
      lease_runner: null,
      lease_expires_at: null,
      log_ended: 0,
      queued_at: options.now,
      started_at: null,
    })
    .where('id', '=', job.id)
    .execute();
  options.wake(`job:${job.id}`);
  options.wake(`build:${job.build_id}`);
  options.wake('queue');
}
