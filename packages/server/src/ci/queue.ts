import { createHash, randomBytes } from 'node:crypto';
import type { Trx } from '../store/index.ts';
import { advance } from './advance.ts';
import { nextTicket } from './counters.ts';
import { type Context, isoTime } from './dependencies.ts';
import { chooseNext, type Waiting } from './queue-order.ts';
import type { Job } from './rows.ts';
import { readArches } from './runners/machines.ts';
import { type Machine, satisfies } from './runners/matching.ts';
import { readNeeds } from './runners/needs.ts';
import { embeddedMachine } from './runners/this-machine.ts';

/** A runner that asks for work. */
export interface RunnerFacts {
  readonly runner: string;
  /** False: it cannot keep a job from the rest of its machine, and gets no job that is not trusted. */
  readonly isolates: boolean;
  /** A runner on another machine; absent: the one inside the server. */
  readonly registered?: RegisteredRunner;
}

export interface RegisteredRunner {
  readonly uuid: string;
  readonly machine: Machine;
  /** The process that asks. */
  readonly instance: string;
  /** Its name for this question: asked again with it, it gets the same job. */
  readonly request: string;
}

export interface Taken {
  readonly job: Job;
  readonly leaseToken: string;
  readonly expiresAt: string;
}

export const hashLease = (token: string): string =>
  createHash('sha256').update(token).digest('hex');

/** Why there is nothing for a runner: no job that it may have, or the runner itself takes none now. */
export type Refusal = 'nothing' | 'not_taking' | 'gone';

/**
 * Takes the next job for a runner out of the queue, or says why there is none for it. Choice and lease are one
 * transaction: two runners that ask at once never get the same job.
 */
export async function takeNext(context: Context, runner: RunnerFacts): Promise<Taken | Refusal> {
  // Most polls find nothing; they must not queue for the one writing connection.
  if (!(await anyQueued(context))) return 'nothing';
  return context.transact(async (trx, change) => {
    const refusal = await refusalOf(trx, runner);
    if (refusal !== null) return refusal;
    const holding = await holdingByRepository(trx);
    const chosen = chooseNext(await waitingJobs(context, trx, runner, holding), {
      holding: [...holding.values()].reduce((sum, count) => sum + count, 0),
      max: context.settings.maxJobs,
    });
    if (chosen === null) return 'nothing';
    const { registered } = runner;
    const lease = newLease(context);
    const ticket = await nextTicket(trx, 'lease');
    const job = await trx
      .updateTable('jobs')
      .set({
        ...lease.columns,
        state: 'started',
        lease_runner: runner.runner,
        lease_runner_uuid: registered?.uuid ?? null,
        lease_request: registered?.request ?? null,
        started_at: change.now,
      })
      .where('id', '=', chosen.jobId)
      .where('state', '=', 'queued')
      .returningAll()
      .executeTakeFirst();
    if (job === undefined) return 'nothing';
    await trx
      .updateTable('ci_repositories')
      .set({ last_lease_ticket: ticket })
      .where('repository_uuid', '=', job.repository_uuid)
      .execute();
    if (registered !== undefined) {
      await trx
        .updateTable('runners')
        .set((eb) => ({ jobs_taken: eb('jobs_taken', '+', 1) }))
        .where('uuid', '=', registered.uuid)
        .execute();
    }
    await advance(trx, job.build_id, change);
    change.wake(`job:${job.id}`);
    return { job, leaseToken: lease.token, expiresAt: lease.columns.lease_expires_at };
  });
}

/**
 * The job that this very question was answered with, if the answer was lost on its way; null otherwise. Its earlier lease
 * token is void: whoever might have read it on the way has nothing.
 */
export async function takeAgain(
  context: Context,
  { uuid, request }: RegisteredRunner,
): Promise<Taken | null> {
  const lease = newLease(context);
  const job = await context.store.db
    .updateTable('jobs')
    .set(lease.columns)
    .where('lease_runner_uuid', '=', uuid)
    .where('state', '=', 'started')
    .where('lease_request', '=', request)
    .returningAll()
    .executeTakeFirst();
  return job === undefined
    ? null
    : { job, leaseToken: lease.token, expiresAt: lease.columns.lease_expires_at };
}

function newLease(context: Context) {
  const token = randomBytes(32).toString('base64url');
  const lease_expires_at = isoTime(context.now() + context.settings.leaseMs);
  return { token, columns: { lease_hash: hashLease(token), lease_expires_at } };
}

/** Looked at in the transaction that takes: a runner that is paused or says that it stops gets nothing from then on. */
async function refusalOf(trx: Trx, { registered }: RunnerFacts): Promise<Refusal | null> {
  if (registered === undefined) return null;
  const row = await trx
    .selectFrom('runners')
    .select(['instance', 'paused_at', 'draining', 'ephemeral', 'jobs_taken'])
    .where('uuid', '=', registered.uuid)
    .executeTakeFirst();
  if (row === undefined || row.instance !== registered.instance) return 'gone';
  if (row.ephemeral === 1 && row.jobs_taken > 0) return 'not_taking';
  return row.paused_at !== null || row.draining === 1 ? 'not_taking' : null;
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

/** The heads of the queues of each repository: a few rows a repository, however long the queues are. */
async function waitingJobs(
  context: Context,
  trx: Trx,
  runner: RunnerFacts,
  holding: ReadonlyMap<string, number>,
): Promise<Waiting[]> {
  const machine = runner.registered?.machine ?? embeddedMachine(runner.runner, runner.isolates);
  const arches = machine.embedded ? await readArches(trx) : new Set<string>();
  // What decides who may have a job is in the index, so this is one scan of it.
  const groups = await trx
    .selectFrom('jobs')
    .select(({ fn, eb }) => [
      'repository_uuid',
      'trusted',
      'needs',
      eb('verdict', 'is', null).as('fresh'),
      fn.min<number>('queue_ticket').as('ticket'),
    ])
    .where('state', '=', 'queued')
    .groupBy(({ eb }) => ['repository_uuid', 'trusted', 'needs', eb('verdict', 'is', null)])
    .execute();
  const suits = new Map<string | null, boolean>();
  const suitable = groups.filter(({ needs, trusted }) => {
    if (trusted !== 1 && !machine.isolates) return false;
    const known = suits.get(needs) ?? satisfies(machine, readNeeds(needs), arches);
    suits.set(needs, known);
    return known;
  });
  const tickets = headTickets(suitable);
  if (tickets.length === 0) return [];
  const heads = await trx
    .selectFrom('jobs')
    .leftJoin('ci_repositories', 'ci_repositories.repository_uuid', 'jobs.repository_uuid')
    .leftJoin('repositories', 'repositories.uuid', 'jobs.repository_uuid')
    .select([
      'jobs.id',
      'jobs.repository_uuid',
      'jobs.queue_ticket',
      'jobs.verdict',
      'ci_repositories.max_jobs',
      'ci_repositories.last_lease_ticket',
      'repositories.organisation_uuid',
    ])
    .where('jobs.state', '=', 'queued')
    .where('jobs.queue_ticket', 'in', tickets)
    .execute();
  const scope = machine.organisationUuid;
  const within = heads.filter((head) => scope === null || head.organisation_uuid === scope);
  return within.map((head) => ({
    repositoryUuid: head.repository_uuid,
    jobId: head.id,
    ticket: head.queue_ticket ?? 0,
    afterVerdict: head.verdict !== null,
    holding: holding.get(head.repository_uuid) ?? 0,
    maxHolding: head.max_jobs ?? context.settings.maxJobsPerRepository,
    lastLease: head.last_lease_ticket ?? 0,
  }));
}

/** Jobs that hold a slot by repository: taken by a runner and without a verdict. */
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

/** The oldest of each repository, and the oldest of those with a verdict, which need no slot. */
function headTickets(
  groups: readonly { repository_uuid: string; fresh: unknown; ticket: number }[],
): number[] {
  const heads = new Map<string, number>();
  for (const { repository_uuid: repository, fresh, ticket } of groups) {
    const key = `${repository} ${Boolean(fresh)}`;
    heads.set(key, Math.min(heads.get(key) ?? Number.POSITIVE_INFINITY, Number(ticket)));
  }
  return [...heads.values()];
}
