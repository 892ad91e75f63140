import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

/** One service's part of a backup: `/apps/v3/service-instance-backups/UUID/`. */
export const ServiceInstanceBackup = Type.Object({
  uuid: Uuid,
  backup: Uuid,
  service_instance: Uuid,
  /** DATABASE | CACHE | STORAGE */
  service_type: Type.String(),
  /** postgresql | redis | storage */
  kind: Type.String(),
  /** UPLOADING | QUEUED | RUNNING | COMPLETED */
  state: Type.String(),
  /** SUCCESS | FAILURE; null until it ended. */
  success: Nullable(Type.String()),
  /** Of the data; while it runs, what came so far. */
  size: Type.Integer(),
  /** Of the data, hexadecimal; null until it is complete. */
  sha256: Nullable(Type.String()),
  /** pg-custom | sql | rdb | tar | tar.gz */
  format: Nullable(Type.String()),
  /** Why it failed; empty where it did not. */
  errors: Type.String(),
  started_at: Nullable(Time),
  ended_at: Nullable(Time),
});
export type ServiceInstanceBackup = Static<typeof ServiceInstanceBackup>;

/** `/apps/v3/backups/`: the data of an environment's services, taken together. */
export const Backup = Type.Object({
  uuid: Uuid,
  application: Uuid,
  environment: Uuid,
  /** MANUAL | SCHEDULED | UPLOAD | COPY */
  trigger: Type.String(),
  notes: Type.String(),
  /** UPLOADING | QUEUED | RUNNING | COMPLETED */
  state: Type.String(),
  /** SUCCESS | PARTIAL | FAILURE; null until it is completed. */
  success: Nullable(Type.String()),
  size: Type.Integer(),
  created_by: Type.String(),
  created_at: Time,
  ended_at: Nullable(Time),
  scheduled_for_deletion_at: Nullable(Time),
  /** Set where a schedule made it. */
  schedule: Nullable(Uuid),
  service_instance_backups: Type.Array(Uuid),
  /** The same, as they are. */
  parts: Type.Array(ServiceInstanceBackup),
});
export type Backup = Static<typeof Backup>;

const BackupWish = {
  environment: Uuid,
  /** Service instances of the environment; absent: all of them. */
  services: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 50 })])),
  notes: Type.Optional(Type.String({ maxLength: 500 })),
  /** Null: it stays until it is removed. */
  scheduled_for_deletion_at: Type.Optional(Nullable(Type.String())),
};

export const BackupCreate = Type.Object({
  ...BackupWish,
  /** Divio's clients send MANUAL. */
  trigger: Type.Optional(Type.String()),
});
export type BackupCreate = Static<typeof BackupCreate>;

export const BackupUpload = Type.Object(BackupWish);
export type BackupUpload = Static<typeof BackupUpload>;

/** Where the bytes of an upload go, by service instance. */
export const BackupUploadAnswer = Type.Object({
  /** Of the backup. */
  uuid: Uuid,
  results: Type.Record(
    Type.String(),
    Type.Object({
      /** `exo-presigned-v1`: PUT the file to the URL, then POST to `finish_url`; neither needs a login. */
      handler: Type.String(),
      upload_parameters: Type.Object({ url: Type.String(), max_file_size: Type.Integer() }),
      finish_url: Type.String(),
    }),
  ),
});
export type BackupUploadAnswer = Static<typeof BackupUploadAnswer>;

export const BackupCopy = Type.Object({
  /** Whose data are copied. */
  environment: Uuid,
  /** Whose data are replaced. */
  to: Uuid,
  services: BackupWish.services,
});
export type BackupCopy = Static<typeof BackupCopy>;

export const BackupDownloadCreate = Type.Object({
  backup: Uuid,
  service_instance_backups: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  trigger: Type.Optional(Type.String()),
});
export type BackupDownloadCreate = Static<typeof BackupDownloadCreate>;

export const BackupDownload = Type.Object({
  uuid: Uuid,
  backup: Uuid,
  service_instance_backups: Type.Array(Uuid),
});
export type BackupDownload = Static<typeof BackupDownload>;

/** `/apps/v3/backup-download-service-instances/UUID/` */
export const BackupDownloadServiceInstance = Type.Object({
  uuid: Uuid,
  /** Of the download, as Divio names it. */
  backup: Uuid,
  service_instance_backup: Uuid,
  /** Null until there is something to download. */
  ended_at: Nullable(Time),
  errors: Nullable(Type.String()),
  /** Good without a login until `expires_at`. */
  download_url: Nullable(Type.String()),
  expires_at: Time,
});
export type BackupDownloadServiceInstance = Static<typeof BackupDownloadServiceInstance>;

export const BackupRestoreCreate = Type.Object({
  backup: Uuid,
  service_instance_restores: Type.Optional(
    Type.Array(Type.Object({ service_instance_backup: Uuid })),
  ),
  /** Sluice's: another environment of the application; services are matched by kind and prefix. */
  environment: Type.Optional(Uuid),
  notes: Type.Optional(Type.String({ maxLength: 500 })),
});
export type BackupRestoreCreate = Static<typeof BackupRestoreCreate>;

/** `/apps/v3/backup-restores/` */
export const BackupRestore = Type.Object({
  uuid: Uuid,
  backup: Uuid,
  environment: Uuid,
  /** MANUAL | COPY */
  trigger: Type.String(),
  notes: Type.String(),
  created_by: Type.String(),
  created_at: Time,
  finished: Type.Boolean(),
  /** SUCCESS | PARTIAL | FAILURE; null until it is finished. */
  success: Nullable(Type.String()),
  ended_at: Nullable(Time),
  service_instance_restores: Type.Array(
    Type.Object({
      uuid: Uuid,
      service_instance_backup: Uuid,
      service_instance: Uuid,
      /** QUEUED | RUNNING | COMPLETED */
      state: Type.String(),
      success: Nullable(Type.String()),
      /** Read of the backup so far. */
      progress: Type.Integer(),
      errors: Type.String(),
      started_at: Nullable(Time),
      ended_at: Nullable(Time),
    }),
  ),
});
export type BackupRestore = Static<typeof BackupRestore>;

export const BackupScheduleCreate = Type.Object({
  environment: Uuid,
  /** Five fields, UTC, such as `0 3 * * *`; at most every ten minutes. */
  cron: Type.String({ maxLength: 100 }),
  /** So many are kept; null: no limit. Needs this or the next, so that the disk does not fill up. */
  keep_count: Type.Optional(Nullable(Type.Integer())),
  keep_days: Type.Optional(Nullable(Type.Integer())),
});
export type BackupScheduleCreate = Static<typeof BackupScheduleCreate>;

/** `/apps/v3/backup-schedules/` */
export const BackupSchedule = Type.Object({
  uuid: Uuid,
  environment: Uuid,
  cron: Type.String(),
  keep_count: Nullable(Type.Integer()),
  keep_days: Nullable(Type.Integer()),
  next_at: Time,
  created_by: Type.String(),
  created_at: Time,
});
export type BackupSchedule = Static<typeof BackupSchedule>;
