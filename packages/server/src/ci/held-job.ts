import { SluiceError } from '../errors.ts';
import type { Trx } from '../store/index.ts';
import { hashLease } from './queue.ts';
import type { Job } from './rows.ts';

type Reader = Pick<Trx, 'selectFrom'>;

/** The job that this token leases, whether it has ended or not. Throws `not_found` and `conflict` (`lease_lost`). */
export async function heldJob(db: Reader, jobId: number, leaseToken: string): Promise<Job> {
  const job = await db.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirst();
  if (job === undefined) throw new SluiceError('not_found', `There is no job ${jobId}.`);
  if (job.lease_hash !== hashLease(leaseToken)) throw leaseLost(jobId);
  return job;
}

/** Held and not ended: what changes a job, or acts for it, needs both. */
export async function workingJob(db: Reader, jobId: number, leaseToken: string): Promise<Job> {
  const job = await heldJob(db, jobId, leaseToken);
  if (job.state !== 'started') throw leaseLost(jobId);
  return job;
}

export function leaseLost(jobId: number): SluiceError {
  return new SluiceError('conflict', `The lease of job ${jobId} is lost; stop working on it.`, {
    reason: 'lease_lost',
  });
}
