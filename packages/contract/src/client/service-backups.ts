import type { ListOf } from '../common.ts';
import type {
  Backup,
  BackupCopy,
  BackupCreate,
  BackupDownload,
  BackupDownloadCreate,
  BackupDownloadServiceInstance,
  BackupRestore,
  BackupRestoreCreate,
  BackupSchedule,
  BackupScheduleCreate,
  BackupUpload,
  BackupUploadAnswer,
} from '../service-backups.ts';
import { type Send, segment } from './transport.ts';

/** Backups of what services hold. What they begin goes on in the background: ask again until it has ended. */
export function createServiceBackupsClient(send: Send) {
  const at = (uuid: string) => `/apps/v3/backups/${segment(uuid)}/`;
  return {
    backups: {
      list: (filter: { environment?: string; application?: string; pageSize?: number }) =>
        send<ListOf<Backup>>('GET', '/apps/v3/backups/', {
          query: {
            environment: filter.environment,
            application: filter.application,
            page_size: filter.pageSize,
          },
        }),
      get: (uuid: string) => send<Backup>('GET', at(uuid)),
      create: (body: BackupCreate) => send<Backup>('POST', '/apps/v3/backups/', { body }),
      remove: (uuid: string) => send<null>('DELETE', at(uuid)),
      /** Answers the restore in the other environment, which waits for its backup. */
      copy: (body: BackupCopy) => send<BackupRestore>('POST', '/apps/v3/backups/copy/', { body }),
      upload: (body: BackupUpload) =>
        send<BackupUploadAnswer>('POST', '/apps/v3/backups/upload/', { body }),
    },
    backupDownloads: {
      create: (body: BackupDownloadCreate) =>
        send<BackupDownload>('POST', '/apps/v3/backup-downloads/', { body }),
      parts: (download: string) =>
        send<ListOf<BackupDownloadServiceInstance>>(
          'GET',
          '/apps/v3/backup-download-service-instances/',
          { query: { backup: download } },
        ),
    },
    backupRestores: {
      create: (body: BackupRestoreCreate) =>
        send<BackupRestore>('POST', '/apps/v3/backup-restores/', { body }),
      get: (uuid: string) =>
        send<BackupRestore>('GET', `/apps/v3/backup-restores/${segment(uuid)}/`),
    },
    backupSchedules: {
      list: (filter: { environment?: string; application?: string }) =>
        send<ListOf<BackupSchedule>>('GET', '/apps/v3/backup-schedules/', { query: { ...filter } }),
      create: (body: BackupScheduleCreate) =>
        send<BackupSchedule>('POST', '/apps/v3/backup-schedules/', { body }),
      remove: (uuid: string) => send<null>('DELETE', `/apps/v3/backup-schedules/${segment(uuid)}/`),
    },
  };
}
