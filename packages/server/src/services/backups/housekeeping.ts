import { SluiceError } from '../../errors.ts';
import type { BackupsContext } from './context.ts';
import type { Removal } from './removal.ts';
import type { Requests } from './requests.ts';
import { expired, type Kept } from './retention.ts';
import { nextRun } from './schedule-times.ts';

export interface Housekeeping {
  /** Does what is due by the clock. May be called as often as one likes. */
  run(): Promise<void>;
  /** What a server that died left; once at the beginning. */
  sweep(): Promise<void>;
}

/** Once in so long at most: nothing here is in a hurry. */
const REST_MS = 5_000;

/** What happens to backups by the clock: schedules, ends of retention, uploads that never came. */
export function createHousekeeping(
  context: BackupsContext,
  requests: Requests,
  removal: Removal,
): Housekeeping {
  const { store, now, onError } = context;
  let restUntil = 0;

  /** What is being made or restored goes the next time. */
  const remove = (uuid: string): Promise<void> =>
    removal.remove(uuid).catch((error: unknown) => {
      if (!(error instanceof SluiceError && error.code === 'conflict')) throw error;
    });

  const runSchedules = async (at: string): Promise<void> => {
    const due = await store.db
      .selectFrom('backup_schedules')
      .selectAll()
      .where('next_at', '<=', at)
      .execute();
    for (const schedule of due) {
      await store.transaction(async (trx) => {
        // What was missed while no server ran is made up for once.
        const { numUpdatedRows } = await trx
          .updateTable('backup_schedules')
          .set({ next_at: nextRun(schedule.cron, now()).toISOString() })
          .where('uuid', '=', schedule.uuid)
          .where('next_at', '=', schedule.next_at)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return;
        const environment = await trx
          .selectFrom('service_instances')
          .select('uuid')
          .where('environment_uuid', '=', schedule.environment_uuid)
          .where('state', '!=', 'removed')
          .executeTakeFirst();
        if (environment === undefined) return;
        const { environment_uuid: environmentUuid, uuid: schedule_uuid } = schedule;
        await requests.backupIn(
          trx,
          { environmentUuid, by: `schedule of ${schedule.created_by}` },
          { trigger: 'schedule', schedule_uuid },
        );
      });
    }
  };

  const applyRetention = async (): Promise<void> => {
    const schedules = await store.db.selectFrom('backup_schedules').selectAll().execute();
    for (const { uuid, keep_count: count, keep_days: days } of schedules) {
      const rows = await store.db
        .selectFrom('backups')
        .innerJoin('service_backups', 'service_backups.backup_uuid', 'backups.uuid')
        .select(['backups.uuid', 'backups.created_at', 'service_backups.state'])
        .where('backups.schedule_uuid', '=', uuid)
        .execute();
      const byBackup = Map.groupBy(rows, (row) => row.uuid);
      const kept: Kept[] = [...byBackup].flatMap(([backup, parts]) => {
        if (parts.some(({ state }) => state === 'queued' || state === 'running')) return [];
        const createdAt = parts[0]?.created_at ?? '';
        return [{ uuid: backup, createdAt, isGood: parts.every(({ state }) => state === 'done') }];
      });
      for (const gone of expired(kept, { count, days }, now().getTime())) await remove(gone);
    }
  };

  const endUploads = async (at: string): Promise<void> => {
    await store.db
      .updateTable('service_backups')
      .set({
        state: 'failed',
        error: 'The upload was not finished while its address was good.',
        ended_at: at,
      })
      .where('state', '=', 'uploading')
      .where('upload_until', '<', at)
      .execute();
  };

  const removeExpired = async (at: string): Promise<void> => {
    await store.db.deleteFrom('backup_downloads').where('until', '<', at).execute();
    const due = await store.db
      .selectFrom('backups')
      .select('uuid')
      .where('delete_at', '<', at)
      .execute();
    for (const { uuid } of due) await remove(uuid);
    // Of applications that are gone for good.
    const orphans = await store.db
      .selectFrom('backups')
      .select('uuid')
      .where('application_uuid', 'not in', (eb) => eb.selectFrom('applications').select('uuid'))
      .execute();
    for (const { uuid } of orphans) await remove(uuid);
    await store.db
      .deleteFrom('backup_schedules')
      .where('environment_uuid', 'not in', (eb) => eb.selectFrom('environments').select('uuid'))
      .execute();
  };

  return {
    sweep: removal.sweep,
    run: async () => {
      if (now().getTime() < restUntil) return;
      restUntil = now().getTime() + REST_MS;
      const at = now().toISOString();
      const steps = [removal.finishAll, runSchedules, applyRetention, endUploads, removeExpired];
      for (const step of steps) {
        // One that fails keeps the others from nothing.
        await step(at).catch((error: unknown) => onError(error, 'tidying up backups'));
      }
    },
  };
}
