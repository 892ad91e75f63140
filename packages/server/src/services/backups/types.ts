import type {
  BackupDownloadRow,
  BackupRow,
  BackupScheduleRow,
  RestoreRow,
  ServiceBackupRow,
  ServiceRestoreRow,
} from '../../store/schema/service-backups.ts';

/** A backup with its parts, one for each service. */
export interface Backup extends BackupRow {
  readonly parts: readonly ServiceBackupRow[];
}

export interface Restore extends RestoreRow {
  readonly parts: readonly ServiceRestoreRow[];
}

export type Download = BackupDownloadRow;
export type Schedule = BackupScheduleRow;

export interface NewBackup {
  readonly environmentUuid: string;
  /** Services of that environment; absent: all of them. */
  readonly services?: readonly string[];
  readonly notes?: string;
  readonly deleteAt?: string | null;
  readonly by: string;
}

export interface NewRestore {
  readonly backupUuid: string;
  /** Parts of that backup; absent: all of them. */
  readonly parts?: readonly string[];
  /** Where to; absent: where the backup is from. Services are matched by kind and prefix. */
  readonly environmentUuid?: string;
  readonly notes?: string;
  readonly by: string;
}

export interface NewSchedule {
  readonly environmentUuid: string;
  readonly cron: string;
  readonly keepCount: number | null;
  readonly keepDays: number | null;
  readonly by: string;
}

export const isEnded = ({ state }: { readonly state: string }): boolean =>
  ['done', 'failed', 'removed'].includes(state);
