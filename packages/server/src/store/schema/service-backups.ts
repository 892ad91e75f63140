/** A copy of the data of some services of one environment, taken together (`/apps/v3/backups/`). */
export interface BackupRow {
  uuid: string;
  application_uuid: string;
  environment_uuid: string;
  /** `copy`: taken to be restored in another environment. */
  trigger: 'manual' | 'schedule' | 'upload' | 'copy';
  notes: string;
  created_by: string;
  created_at: string;
  /** After this it is removed; null: whoever made it removes it, or the schedule's retention. */
  delete_at: string | null;
  /** Set where a schedule made it, also after that was removed. */
  schedule_uuid: string | null;
}

/** One service's part of a backup. */
export interface ServiceBackupRow {
  uuid: string;
  backup_uuid: string;
  service_uuid: string;
  kind: 'postgresql' | 'redis' | 'storage';
  /** `uploading`: somebody else brings it. `removed`: the data are gone, the row says that they were. */
  state: 'uploading' | 'queued' | 'running' | 'done' | 'failed' | 'removed';
  /** What the data look like; null until they are known. */
  format: 'pg-custom' | 'sql' | 'rdb' | 'tar' | 'tar.gz' | null;
  /** Its name in the blob store; null where there is none (any more). */
  blob: string | null;
  /** The blob's key, sealed for `service_backup:<uuid>`. */
  key_sealed: string | null;
  /** Of the data, not encrypted; rises while it runs. */
  bytes: number;
  /** Of the data, hexadecimal. */
  sha256: string | null;
  /** Why there is none, a sentence or two. */
  error: string | null;
  /** How often it was begun: a server that dies leaves it to the next. */
  attempts: number;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  /** Of an upload: SHA-256 of the secret in its address, when that ends to be good, and what may come. */
  upload_secret_hash: string | null;
  upload_until: string | null;
  upload_limit: number | null;
}

/** A wish to read a part of a backup by an address that needs no login. */
export interface BackupDownloadRow {
  uuid: string;
  /** Several parts may be wished for at once. */
  download_uuid: string;
  service_backup_uuid: string;
  /** `archive`: the data as the one file of a `.tar.gz`, as divio-cli 3.x wants them. */
  form: 'plain' | 'archive';
  /** The secret in the address, sealed for `backup_download:<uuid>`. */
  secret_sealed: string;
  created_by: string;
  created_at: string;
  until: string;
}

/** A wish to put a backup in the place of what services hold (`/apps/v3/backup-restores/`). */
export interface RestoreRow {
  uuid: string;
  backup_uuid: string;
  /** Where it is restored: another than the backup's own for a copy. */
  environment_uuid: string;
  trigger: 'manual' | 'copy';
  notes: string;
  created_by: string;
  created_at: string;
}

/** One service's part of it. */
export interface ServiceRestoreRow {
  uuid: string;
  restore_uuid: string;
  service_backup_uuid: string;
  /** Whose data are replaced. */
  service_uuid: string;
  state: 'queued' | 'running' | 'done' | 'failed';
  /** Read of the backup so far. */
  bytes: number;
  error: string | null;
  attempts: number;
  /** 0 or 1: whether nothing of the work is left beside the service's data. */
  is_clean: number;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

/** Backups of all services of an environment by the clock. */
export interface BackupScheduleRow {
  uuid: string;
  application_uuid: string;
  environment_uuid: string;
  /** Five fields, in UTC. */
  cron: string;
  /** Null: no limit by number. As for days. */
  keep_count: number | null;
  keep_days: number | null;
  created_by: string;
  created_at: string;
  next_at: string;
}

export interface ServiceBackupsTables {
  backups: BackupRow;
  service_backups: ServiceBackupRow;
  backup_downloads: BackupDownloadRow;
  restores: RestoreRow;
  service_restores: ServiceRestoreRow;
  backup_schedules: BackupScheduleRow;
}
