import { randomUUID } from 'node:crypto';
import type { BackupsContext } from './context.ts';
import { fieldError } from './requests.ts';
import { nextRun, readCron } from './schedule-times.ts';
import type { NewSchedule, Schedule } from './types.ts';

const MOST = 10;
const MOST_KEPT = 1_000;
const MOST_DAYS = 3_650;

/** Which environments are backed up when. */
export function createSchedules({ store, now }: BackupsContext) {
  const rows = () => store.db.selectFrom('backup_schedules').selectAll();

  return {
    list: async (environmentUuids: readonly string[]): Promise<Schedule[]> =>
      environmentUuids.length === 0
        ? []
        : rows().where('environment_uuid', 'in', environmentUuids).orderBy('created_at').execute(),
    get: async (uuid: string): Promise<Schedule | null> =>
      (await rows().where('uuid', '=', uuid).executeTakeFirst()) ?? null,

    create: async (input: NewSchedule, applicationUuid: string): Promise<Schedule> => {
      const { environmentUuid } = input;
      const cron = readCron(input.cron);
      const row: Schedule = {
        uuid: randomUUID(),
        application_uuid: applicationUuid,
        environment_uuid: environmentUuid,
        cron,
        keep_count: limited('keep_count', input.keepCount, MOST_KEPT),
        keep_days: limited('keep_days', input.keepDays, MOST_DAYS),
        created_by: input.by,
        created_at: now().toISOString(),
        next_at: nextRun(cron, now()).toISOString(),
      };
      await store.transaction(async (trx) => {
        const others = await trx
          .selectFrom('backup_schedules')
          .select('uuid')
          .where('environment_uuid', '=', environmentUuid)
          .execute();
        if (others.length >= MOST) {
          throw fieldError('environment', `An environment has at most ${MOST} schedules.`);
        }
        await trx.insertInto('backup_schedules').values(row).execute();
      });
      return row;
    },

    /** The backups that it made stay, until they are removed. */
    remove: async (uuid: string): Promise<void> => {
      await store.db.deleteFrom('backup_schedules').where('uuid', '=', uuid).execute();
    },
  };
}

function limited(field: string, value: number | null, most: number): number | null {
  if (value === null || (Number.isInteger(value) && value >= 1 && value <= most)) return value;
  throw fieldError(field, `From 1 to ${most}, or nothing for no limit.`);
}
