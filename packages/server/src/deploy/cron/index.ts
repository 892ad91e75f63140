import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { CronRunRow } from '../../store/schema/cron.ts';
import type { LiveRelease } from '../pipeline/live.ts';
import { type Runtime, RuntimeFailure } from '../runtimes/runtime.ts';
import { type CronJobs, changeOf, createCronJobs, liveJobs, type ReleasedJob } from './jobs.ts';
import { dueAt } from './schedule.ts';

export type { CronJobView } from './jobs.ts';

export interface CronDeps {
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'release' | 'endTask' | 'note'>;
  readonly liveRelease: (environmentUuid: string) => Promise<LiveRelease | null>;
  readonly onError: (error: unknown, doing: string) => void;
  readonly now?: () => Date;
  readonly lookEveryMs?: number;
}

/** An environment's scheduled commands (spec/divio.md 3.7): each runs once over all servers, and never beside itself. */
export interface Cron extends CronJobs {
  start(): void;
  /** What runs goes on, and is adopted by the next server. */
  stop(): Promise<void>;
  /** Now, in what is live. Answers the run, which has begun. Throws `conflict` (`nothing_live`, `still_running`). */
  run(jobUuid: string, email: string): Promise<CronRunRow>;
}

const TIMEOUT_MS = 10 * 60_000;
const LOOK_EVERY_MS = 5_000;
const LONGEST_LINE = 4_000;
const taskOf = ({ uuid }: CronRunRow) => `cron-${uuid}-release-1`;
const lockOf = (runUuid: string) => `cron ${runUuid}`;

export function createCron(deps: CronDeps): Cron {
  const { store, runtime, onError, now = () => new Date() } = deps;
  const { db } = store;
  const jobs = createCronJobs(store, now);
  const stopping = new AbortController();
  const working = new Set<Promise<unknown>>();
  let looking: NodeJS.Timeout | null = null;
  let look: Promise<void> = Promise.resolve();

  /** Performs, or after a crash goes on with, a run. Whoever has its lock is at it. */
  const perform = (run: CronRunRow): void => {
    const work = store.locks
      .holdIfFree(lockOf(run.uuid), async () => {
        const { ended_at } = await db
          .selectFrom('cron_runs')
          .select('ended_at')
          .where('uuid', '=', run.uuid)
          .executeTakeFirstOrThrow();
        if (ended_at !== null) return;
        const { outcome, detail } = await attempt(run);
        if (outcome === null) return;
        await db
          .updateTable('cron_runs')
          .set({ ended_at: now().toISOString(), outcome, detail })
          .where('uuid', '=', run.uuid)
          .execute();
        store.changes.emit(changeOf(run.environment_uuid));
        await runtime.endTask(taskOf(run));
      })
      .catch((error: unknown) => onError(error, 'running a cron job'))
      .finally(() => working.delete(work));
    working.add(work);
  };

  /** `outcome` null: this server is stopping, and it goes on without it. */
  const attempt = async (run: CronRunRow): Promise<Pick<CronRunRow, 'outcome' | 'detail'>> => {
    const lines = linesTo((some) => runtime.note(run.environment_uuid, 'cronjob', some));
    try {
      const live = await deps.liveRelease(run.environment_uuid);
      if (live === null) return { outcome: 'failed', detail: 'Nothing is live any more.' };
      const { imageUuid, image, mounts, variables, limits } = live;
      const done = runtime.release({
        ...{ imageUuid, image, mounts, variables, limits, command: run.command },
        // As the commands of a release, which are kept while they are unfinished.
        taskId: taskOf(run),
        environmentUuid: run.environment_uuid,
        log: async (text) => lines.add(text),
        timeoutMs: TIMEOUT_MS,
        signal: new AbortController().signal,
      });
      const left = new Promise<'left'>((resolve) =>
        stopping.signal.addEventListener('abort', () => resolve('left'), { once: true }),
      );
      done.catch(() => undefined);
      if ((await Promise.race([done, left])) === 'left') return { outcome: null, detail: null };
      return { outcome: 'done', detail: null };
    } catch (error) {
      const told = error instanceof RuntimeFailure || error instanceof SluiceError;
      if (!told) onError(error, 'running a cron job');
      const detail = error instanceof Error ? error.message : String(error);
      lines.add(`\n${run.command}: ${detail}\n`);
      return { outcome: 'failed', detail };
    } finally {
      lines.end();
    }
  };

  /** Writes the run down; null where another server was quicker. */
  const begin = async (
    job: ReleasedJob,
    environmentUuid: string,
    due: Date,
    email: string | null,
  ): Promise<CronRunRow | null> => {
    const live = await db
      .selectFrom('environment_state')
      .select('live_release_uuid')
      .where('environment_uuid', '=', environmentUuid)
      .executeTakeFirst();
    const before = await db
      .selectFrom('cron_runs')
      .select('uuid')
      .where('cron_job_uuid', '=', job.uuid)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    const at = now().toISOString();
    const isSkipped = before !== undefined;
    const row: CronRunRow = {
      uuid: randomUUID(),
      cron_job_uuid: job.uuid,
      environment_uuid: environmentUuid,
      release_uuid: live?.live_release_uuid ?? '',
      command: job.command,
      due_at: due.toISOString(),
      requested_by: email,
      started_at: at,
      ended_at: isSkipped ? at : null,
      outcome: isSkipped ? 'skipped' : null,
      detail: isSkipped ? 'The run before it had not ended.' : null,
    };
    const made = await db
      .insertInto('cron_runs')
      .values(row)
      .onConflict((conflict) => conflict.columns(['cron_job_uuid', 'due_at']).doNothing())
      .returning('uuid')
      .executeTakeFirst();
    if (made === undefined) return null;
    store.changes.emit(changeOf(environmentUuid));
    return row;
  };

  const lastDue = async (jobUuid: string): Promise<string> => {
    const row = await db
      .selectFrom('cron_runs')
      .select(({ fn }) => fn.max<string | null>('due_at').as('due_at'))
      .where('cron_job_uuid', '=', jobUuid)
      .where('requested_by', 'is', null)
      .executeTakeFirst();
    return row?.due_at ?? '';
  };

  const lookOnce = async (): Promise<void> => {
    const unfinished = await db
      .selectFrom('cron_runs')
      .selectAll()
      .where('ended_at', 'is', null)
      .execute();
    for (const run of unfinished) perform(run);
    const environments = await db
      .selectFrom('environment_state as s')
      .innerJoin('releases as r', 'r.uuid', 's.live_release_uuid')
      .innerJoin('environments as e', 'e.uuid', 's.environment_uuid')
      .select('s.environment_uuid')
      .where('r.cron_jobs', 'is not', null)
      .where('r.cron_jobs', '!=', '[]')
      .where('e.deleted_at', 'is', null)
      .execute();
    for (const { environment_uuid: environmentUuid } of environments) {
      const { jobs: released, since } = await liveJobs(db, environmentUuid);
      for (const job of released) {
        const last = await lastDue(job.uuid);
        const due = dueAt(job.schedule, latest(last, since), now());
        const run = due === null ? null : await begin(job, environmentUuid, due, null);
        if (run !== null && run.ended_at === null) perform(run);
      }
    }
  };

  return {
    ...jobs,
    start: () => {
      const again = () => {
        look = look
          .then(() => (stopping.signal.aborted ? undefined : lookOnce()))
          .catch((error: unknown) => onError(error, 'looking for cron jobs'));
      };
      again();
      looking ??= setInterval(again, deps.lookEveryMs ?? LOOK_EVERY_MS).unref();
    },
    stop: async () => {
      if (looking !== null) clearInterval(looking);
      stopping.abort();
      await look;
      await Promise.allSettled(working);
    },
    run: async (jobUuid, email) => {
      const job = await jobs.get(jobUuid);
      if (job === null) throw new SluiceError('not_found', 'There is no such cron job.');
      if ((await deps.liveRelease(job.environment_uuid)) === null) {
        throw new SluiceError('conflict', 'Nothing is live in this environment.', {
          reason: 'nothing_live',
        });
      }
      const run = await begin(job, job.environment_uuid, now(), email);
      if (run === null || run.ended_at !== null) {
        throw new SluiceError('conflict', 'It is running already.', { reason: 'still_running' });
      }
      perform(run);
      return run;
    },
  };
}

const latest = (...times: readonly string[]): Date =>
  new Date(Math.max(...times.map((time) => Date.parse(time) || 0)));

/** Cuts text into lines, and long ones into pieces. */
function linesTo(write: (lines: readonly string[]) => void) {
  let rest = '';
  const flush = (lines: readonly string[]) => {
    if (lines.length > 0) write(lines);
  };
  return {
    add: (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) {
        lines.push(rest);
        rest = '';
      }
      flush(lines.filter((line) => line !== ''));
    },
    end: () => {
      flush(rest === '' ? [] : [rest]);
      rest = '';
    },
  };
}
