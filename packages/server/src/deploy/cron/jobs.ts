import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { CronJobRow, CronRunRow } from '../../store/schema/cron.ts';
import { nextRun, problemOf } from './schedule.ts';

export interface CronJobView extends CronJobRow {
  /** Null until a deployment has taken it up as it is now, or nothing is live. */
  readonly nextRunAt: string | null;
  readonly lastRun: CronRunRow | null;
}

const MOST_JOBS = 50;
const MOST_RUNS = 50;

/** What people say of an environment's scheduled commands; it takes effect with the next deployment. */
export function createCronJobs({ db, changes }: Store, now: () => Date) {
  const runsOf = (jobUuid: string, limit: number) =>
    db
      .selectFrom('cron_runs')
      .selectAll()
      .where('cron_job_uuid', '=', jobUuid)
      .orderBy('due_at', 'desc')
      .limit(limit)
      .execute();

  const view = async (job: CronJobRow): Promise<CronJobView> => {
    const [lastRun = null] = await runsOf(job.uuid, 1);
    const taken = (await liveJobs(db, job.environment_uuid)).jobs.find(
      ({ uuid }) => uuid === job.uuid,
    );
    const isTaken = taken?.command === job.command && taken.schedule === job.schedule;
    const next = isTaken ? nextRun(job.schedule, now()) : null;
    return { ...job, nextRunAt: next?.toISOString() ?? null, lastRun };
  };

  const get = async (uuid: string): Promise<CronJobRow | null> =>
    (await db.selectFrom('cron_jobs').selectAll().where('uuid', '=', uuid).executeTakeFirst()) ??
    null;

  const list = (environmentUuid: string) =>
    db
      .selectFrom('cron_jobs')
      .selectAll()
      .where('environment_uuid', '=', environmentUuid)
      .orderBy('created_at')
      .orderBy('uuid')
      .execute();

  return {
    get,
    view,
    runs: (jobUuid: string) => runsOf(jobUuid, MOST_RUNS),
    list: async (environmentUuid: string): Promise<CronJobView[]> =>
      Promise.all((await list(environmentUuid)).map(view)),
    /** Throws `invalid` with the field. */
    add: async (environmentUuid: string, command: string, schedule: string) => {
      const wrong = problemOf(schedule);
      if (wrong !== null)
        throw new SluiceError('invalid', wrong, { fields: { schedule: [wrong] } });
      if ((await list(environmentUuid)).length >= MOST_JOBS) {
        throw new SluiceError('invalid', `An environment has at most ${MOST_JOBS} cron jobs.`);
      }
      const row: CronJobRow = {
        uuid: randomUUID(),
        environment_uuid: environmentUuid,
        command,
        schedule: schedule.trim(),
        created_at: now().toISOString(),
      };
      await db.insertInto('cron_jobs').values(row).execute();
      changes.emit(changeOf(environmentUuid));
      return view(row);
    },
    remove: async (uuid: string) => {
      const row = await db
        .deleteFrom('cron_jobs')
        .where('uuid', '=', uuid)
        .returning('environment_uuid')
        .executeTakeFirst();
      if (row !== undefined) changes.emit(changeOf(row.environment_uuid));
    },
  };
}

/** Jobs and runs are read again with their environment. */
export const changeOf = (environmentUuid: string) =>
  ({ kind: 'environment', id: environmentUuid, application: null }) as const;

export type CronJobs = ReturnType<typeof createCronJobs>;

export interface ReleasedJob {
  readonly uuid: string;
  readonly command: string;
  readonly schedule: string;
}

/** What the live release has, and since when it is live. */
export async function liveJobs(
  db: Store['db'],
  environmentUuid: string,
): Promise<{ readonly jobs: readonly ReleasedJob[]; readonly since: string }> {
  const row = await db
    .selectFrom('environment_state as s')
    .innerJoin('releases as r', 'r.uuid', 's.live_release_uuid')
    .select(['r.cron_jobs', 'r.live_at'])
    .where('s.environment_uuid', '=', environmentUuid)
    .where('s.stopped', '=', 0)
    .executeTakeFirst();
  return { jobs: JSON.parse(row?.cron_jobs ?? '[]'), since: row?.live_at ?? '' };
}
