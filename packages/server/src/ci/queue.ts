import { createHash, randomBytes } from 'node:crypto';
import type { Trx } from '../store/index.ts';
import { advance } from './advance.ts';
import { nextTicket } from './counters.ts';
import { type Context, isoTime } from './dependencies.ts';
import { chooseNext, type Waiting } from './queue-order.ts';
import type { Job } from './rows.ts';

/** A runner that asks for work. */
export interface RunnerFacts {
  readonly runner: string;
  /** False: it cannot keep a job from the rest of its machine, and gets no job that is not trusted. */
  readonly isolates: boolean;
}

export interface Taken {
  readonly job: Job;
  readonly leaseToken: string;
  readonly expiresAt: string;
}

export const hashLease = (token: string): string =>
  createHash('sha256').update(token).digest('hex');

/**
 * Takes the next job for a runner out of the queue, or answers null when there is none that it may have. Choice and
 * lease are one transaction: two runners that ask at once never get the same job.
 */
export async function takeNext(context: Context, runner: RunnerFacts): Promise<Taken | null> {
  // Most polls find nothing; they must not queue for the one writing connection.
  if (!(await anyQueued(context))) return null;
  return context.transact(async (trx, change) => {
    const chosen = chooseNext(await waitingJobs(context, trx, runner), {
      holding: await countHolding(trx),
      max: context.settings.maxJobs,
    });
    if (chosen === null) return null;
    const now = context.now();
    const leaseToken = randomBytes(32).toString('base64url');
    const expiresAt = isoTime(now + context.settings.leaseMs);
    const ticket = await nextTicket(trx, 'lease');
    const job = await trx
      .updateTable('jobs')
      .set({
        state: 'started',
        lease_hash: hashLease(leaseToken),
        lease_runner: runner.runner,
        lease_expires_at: expiresAt,
        started_at: isoTime(now),
      })
      .where('id', '=', chosen.jobId)
      .where('state', '=', 'queued')
      .returningAll()
      .executeTakeFirst();
    if (job === undefined) return null;
    await trx
      .updateTable('ci_repositories')
      .set({ last_lease_ticket: ticket })
      .where('repository_uuid', '=', job.repository_uuid)
      .execute();
    await advance(trx, job.build_id, change);
    change.wake(`job:${job.id}`);
    return { job, leaseToken, expiresAt };
  });
}

async function anyQueued({ store }: Context): Promise<boolean> {
  const row = await store.db
    .selectFrom('jobs')
    .select('id')
    .where('state', '=', 'queued')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The head of each repository's queue: at most two rows a repository, however long the queues are. */
async function waitingJobs(context: Context, trx: Trx, runner: RunnerFacts): Promise<Waiting[]> {
  const queued = () => {
    const query = trx.selectFrom('jobs').where('jobs.state', '=', 'queued');
    return runner.isolates ? query : query.where('jobs.trusted', '=', 1);
  };
  const fresh = await queued()
    .where('verdict', 'is', null)
    .select(({ fn }) => ['repository_uuid', fn.min<number>('queue_ticket').as('ticket')])
    .groupBy('repository_uuid')
    .execute();
  const judged = await queued()
    .where('verdict', 'is not', null)
    .select(({ fn }) => ['repository_uuid', fn.min<number>('queue_ticket').as('ticket')])
    .groupBy('repository_uuid')
    .execute();
  const tickets = [...fresh, ...judged].map((row) => row.ticket);
  if (tickets.length === 0) return [];
  const holding = await holdingByRepository(trx);
  const heads = await trx
    .selectFrom('jobs')
    .leftJoin('ci_repositories', 'ci_repositories.repository_uuid', 'jobs.repository_uuid')
    .select([
      'jobs.id',
      'jobs.repository_uuid',
      'jobs.queue_ticket',
      'jobs.verdict',
      'ci_repositories.max_jobs',
      'ci_repositories.last_lease_ticket',
    ])
    .where('jobs.state', '=', 'queued')
    .where('jobs.queue_ticket', 'in', tickets)
    .execute();
  return heads.map((head) => ({
    repositoryUuid: head.repository_uuid,
    jobId: head.id,
    ticket: head.queue_ticket ?? 0,
    afterVerdict: head.verdict !== null,
    holding: holding.get(head.repository_uuid) ?? 0,
    maxHolding: head.max_jobs ?? context.settings.maxJobsPerRepository,
    lastLease: head.last_lease_ticket ?? 0,
  }));
}

async function holdingByRepository(trx: Trx): Promise<Map<string, number>> {
  const rows = await trx
    .selectFrom('jobs')
    .select(({ fn }) => ['repository_uuid', fn.countAll<number>().as('count')])
    .where('state', '=', 'started')
    .where('verdict', 'is', null)
    .groupBy('repository_uuid')
    .execute();
  return new Map(rows.map((row) => [row.repository_uuid, Number(row.count)]));
}

/** Jobs that hold a slot: taken by a runner and without a verdict. */
async function countHolding(trx: Trx): Promise<number> {
  const counts = await holdingByRepository(trx);
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
