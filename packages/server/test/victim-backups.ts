import { randomUUID } from 'node:crypto';
import type { Backups } from '../src/services/backups/index.ts';
import type { Store } from '../src/store/index.ts';

/** Ids of a backup and of all that hangs on it. */
export type VictimBackups = Readonly<
  Record<'backup' | 'part' | 'wish' | 'download' | 'restore' | 'schedule', string>
>;

/** Rows of a backup of a service, as one on a Docker Engine leaves them; `mark` stands in what they tell. */
export async function createVictimBackups(
  { store, backups }: { readonly store: Store; readonly backups: Backups },
  application_uuid: string,
  environment_uuid: string,
  mark: string,
): Promise<VictimBackups> {
  const [backup, part, restore, schedule, service] = Array.from({ length: 5 }, () =>
    randomUUID(),
  ) as [string, string, string, string, string];
  const { db } = store;
  const by = { created_by: mark, created_at: '2026-01-01T00:00:00.000Z' };
  const of = { application_uuid, environment_uuid };
  const ended = { started_at: by.created_at, ended_at: by.created_at, attempts: 1, bytes: 1 };
  await db
    .insertInto('service_instances')
    .values({
      ...{ uuid: service, ...of, ...by, kind: 'storage', prefix: 'DEFAULT', place: service },
      ...{ state: 'ready', problem: null, image: null, credentials_sealed: '' },
      ...{ ready_at: by.created_at, removed_by: null, removed_at: null },
    })
    .execute();
  await db
    .insertInto('backups')
    .values({
      ...{ uuid: backup, ...of, ...by, trigger: 'manual', notes: mark },
      ...{ delete_at: null, schedule_uuid: null },
    })
    .execute();
  await db
    .insertInto('service_backups')
    .values({
      ...{ uuid: part, backup_uuid: backup, service_uuid: service, kind: 'storage' },
      ...{ state: 'failed', format: null, blob: null, key_sealed: null, sha256: null },
      ...{ error: mark, created_at: by.created_at, ...ended },
      ...{ upload_secret_hash: null, upload_until: null, upload_limit: null },
    })
    .execute();
  const wish = await backups.downloads.create({ backupUuid: backup, by: mark });
  const download = (await backups.downloads.ofDownload(wish))[0]?.uuid ?? '';
  const from = { backup_uuid: backup, environment_uuid, trigger: 'manual' as const };
  await db
    .insertInto('restores')
    .values({ uuid: restore, ...from, ...by, notes: mark })
    .execute();
  await db
    .insertInto('service_restores')
    .values({
      ...{ uuid: randomUUID(), restore_uuid: restore, service_backup_uuid: part },
      ...{ service_uuid: service, state: 'failed', error: mark, is_clean: 1 },
      ...{ created_at: by.created_at, ...ended },
    })
    .execute();
  await db
    .insertInto('backup_schedules')
    .values({
      ...{ uuid: schedule, ...of, ...by, cron: '0 3 * * *', keep_count: 1, keep_days: null },
      next_at: '2999-01-01T00:00:00.000Z',
    })
    .execute();
  return { backup, part, wish, download, restore, schedule };
}
