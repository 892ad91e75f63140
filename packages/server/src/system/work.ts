import { sql } from 'kysely';
import type { Store } from '../store/index.ts';
import { type Executor, type MaintenanceState, ok, type Part } from './types.ts';
import { count, spanText } from './words.ts';

const MINUTE_MS = 60_000;

export interface Queue {
  readonly queued: number;
  readonly running: number;
  readonly oldestQueuedAt: string | null;
}

export async function readQueue({ db }: Store): Promise<Queue> {
  const rows = await db
    .selectFrom('jobs')
    .select(({ fn }) => [
      'state',
      fn.countAll<number>().as('count'),
      fn.min<string | null>('queued_at').as('oldest'),
    ])
    .where('state', 'in', ['queued', 'started'])
    .groupBy('state')
    .execute();
  const of = (state: string) => rows.find((row) => row.state === state);
  return {
    queued: Number(of('queued')?.count ?? 0),
    running: Number(of('started')?.count ?? 0),
    oldestQueuedAt: of('queued')?.oldest ?? null,
  };
}

/** Slots that each runner has in use; from its verdict on a job takes none (spec/ordering.md 2.3). */
export async function readBusy({ db }: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('jobs')
    .select(({ fn }) => ['lease_runner', fn.countAll<number>().as('count')])
    .where('state', '=', 'started')
    .where('verdict', 'is', null)
    .groupBy('lease_runner')
    .execute();
  return new Map(rows.map((row) => [row.lease_runner ?? '', Number(row.count)]));
}

/** Pure: jobs that wait although somebody is free are worse than jobs that wait for their turn. */
export function judgeQueue(
  queue: Queue,
  executors: readonly Executor[],
  busy: ReadonlyMap<string, number>,
  now: number,
): Part {
  const name = 'queue';
  const { queued, running, oldestQueuedAt } = queue;
  if (oldestQueuedAt === null)
    return ok(name, `No job waits; ${count(running, 'job runs', 'jobs run')}.`);
  const waitedMs = now - Date.parse(oldestQueuedAt);
  const detail = `${count(queued, 'job waits', 'jobs wait')}, the oldest for ${spanText(waitedMs)}; ${count(running, 'runs', 'run')}.`;
  const slots = executors.reduce((sum, { slots: own }) => sum + own, 0);
  const used = [...busy.values()].reduce((sum, value) => sum + value, 0);
  if (slots === 0 && running === 0 && waitedMs > 2 * MINUTE_MS) {
    const advice = 'Nobody runs jobs here. Set --runner-concurrency above 0, or start a runner.';
    return { ...{ name, status: 'failing', detail, advice } };
  }
  if (waitedMs > 15 * MINUTE_MS && used < slots) {
    const advice =
      'Slots are free, so a limit of the repository holds them back (see the CI settings of the application), or a runner is stuck: restart it.';
    return { ...{ name, status: 'degraded', detail, advice } };
  }
  if (waitedMs > 60 * MINUTE_MS) {
    const advice = 'Raise --runner-concurrency where the machine has room, or let fewer jobs run.';
    return { ...{ name, status: 'degraded', detail, advice } };
  }
  return ok(name, detail);
}

/** Pure. */
export function judgeExecutors(executors: readonly Executor[]): Part {
  const name = 'runner';
  if (executors.length === 0) {
    return {
      ...{ name, status: 'unknown', detail: 'No runner is embedded in this server.' },
      advice:
        'None is online elsewhere. Start a runner (sluice runner), or set --runner-concurrency above 0.',
    };
  }
  const embedded = executors.filter(({ remote }) => remote === undefined);
  const open = embedded.filter(({ isolates }) => !isolates);
  if (open.length > 0) {
    const notices = open.flatMap((executor) => executor.notices).join(' ');
    return {
      ...{ name, status: 'degraded' },
      detail:
        `Jobs run without a sandbox, with the rights of the server's own user. ${notices}`.trim(),
      advice: 'Install bubblewrap (Debian: apt-get install bubblewrap) and restart Sluice.',
    };
  }
  const slots = executors.reduce((sum, { slots: own }) => sum + own, 0);
  const elsewhere = executors.length - embedded.length;
  const where =
    elsewhere === 0 ? '' : ` of ${count(elsewhere, 'runner')} elsewhere and of this server`;
  const detail =
    embedded.length === 0
      ? `${count(slots, 'slot')} of ${count(elsewhere, 'runner')} elsewhere; none is embedded in this server.`
      : `${count(slots, 'slot')}${where}; every job here has a sandbox of its own.`;
  return ok(name, detail);
}

export interface Backlog {
  readonly consumer: string;
  readonly waiting: number;
  readonly oldestAt: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** What rooms have told each other and was not heard yet. */
export async function readBacklogs({ db }: Store): Promise<Backlog[]> {
  const rows = await db
    .selectFrom('messages')
    .select(({ fn }) => [
      'consumer',
      fn.countAll<number>().as('waiting'),
      fn.min<string>('created_at').as('oldest'),
      fn.max<number>('attempts').as('attempts'),
      fn.max<string | null>('last_error').as('last_error'),
    ])
    .where('consumed_at', 'is', null)
    .groupBy('consumer')
    .orderBy('consumer')
    .execute();
  return rows.map((row) => ({
    consumer: row.consumer,
    waiting: Number(row.waiting),
    oldestAt: row.oldest,
    attempts: Number(row.attempts),
    lastError: row.last_error,
  }));
}

/** Pure. */
export function judgeBacklogs(backlogs: readonly Backlog[], now: number): Part {
  const name = 'messages';
  const late = backlogs.filter(({ oldestAt }) => now - Date.parse(oldestAt) > MINUTE_MS);
  if (late.length === 0) return ok(name, 'Everything that one part told another was heard.');
  const worst = late.some(({ oldestAt }) => now - Date.parse(oldestAt) > 10 * MINUTE_MS);
  return {
    ...{ name, status: worst ? 'failing' : 'degraded' },
    detail: late
      .map(({ consumer, waiting, oldestAt, lastError }) => {
        const why = lastError === null ? '' : ` Its last error: ${lastError}`;
        return `${count(waiting, 'message')} for ${consumer} since ${spanText(now - Date.parse(oldestAt))}.${why}`;
      })
      .join(' '),
    advice:
      'Builds and deployments lag behind until this is heard; it is tried again by itself. The server’s log says more.',
  };
}

/** Messages to people that could not be delivered, over a day. */
export async function checkNotifications({ db }: Store, now: number): Promise<Part> {
  const name = 'notifications';
  const since = new Date(now - 24 * 60 * MINUTE_MS).toISOString();
  const row = await db
    .selectFrom('notifications')
    .select(({ fn }) => [
      fn.countAll<number>().as('failed'),
      fn.max<string | null>('last_error').as('last_error'),
    ])
    .where('state', '=', 'failed')
    .where('ended_at', '>=', since)
    .executeTakeFirstOrThrow();
  const failed = Number(row.failed);
  if (failed === 0) return ok(name, 'None has failed in the last day.');
  return {
    ...{ name, status: 'degraded' },
    detail:
      `${count(failed, 'notification')} could not be delivered in the last day. ${row.last_error ?? ''}`.trim(),
    advice: 'Check --smtp-url and the addresses in the notifications of the .travis.yml files.',
  };
}

/** Pure. */
export function judgeMaintenance({ waiting, failures }: MaintenanceState): Part {
  const name = 'git maintenance';
  const [first] = failures;
  if (first === undefined) {
    return ok(
      name,
      waiting === 0
        ? 'Nothing is to be done.'
        : `${count(waiting, 'repository waits', 'repositories wait')}.`,
    );
  }
  return {
    ...{ name, status: 'degraded' },
    detail: `It failed for ${count(failures.length, 'repository', 'repositories')}: ${first.message}`,
    advice:
      'Repositories work on and grow slower. Look for a full disk or wrong rights below git/ in the data directory.',
  };
}

/** Times that Sluice wrote itself lie in the past, unless the clock was set back since. */
export async function checkClock(
  { db }: Store,
  now: number,
  /** How far the clock has moved against one that nobody sets, since the start. */
  steppedMs: number,
): Promise<Part> {
  const name = 'clock';
  const { rows } = await sql<{ at: string | null }>`
    select max(at) as at from (
      select (select at from deployment_events order by id desc limit 1) as at
      union all select (select received_at from pushes order by id desc limit 1)
      union all select (select at from audit_log order by sequence desc limit 1)
    ) as times`.execute(db);
  const newest = Date.parse(rows[0]?.at ?? '');
  const aheadMs = Number.isFinite(newest) ? newest - now : 0;
  const advice =
    'Let the machine’s clock be kept by NTP (Debian: apt-get install systemd-timesyncd).';
  if (aheadMs > MINUTE_MS) {
    const detail = `The database holds a time that is ${spanText(aheadMs)} ahead of the clock: it was set back.`;
    return { ...{ name, status: 'degraded', detail, advice } };
  }
  if (Math.abs(steppedMs) > 30_000) {
    const detail = `The clock was moved by ${spanText(Math.abs(steppedMs))} since the server started.`;
    return { ...{ name, status: 'degraded', detail, advice } };
  }
  return ok(name, 'It goes forward and was not moved since the server started.');
}
