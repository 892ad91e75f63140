import type {
  Backup as BackupJson,
  BackupDownloadServiceInstance as DownloadJson,
  ServiceInstanceBackup as PartJson,
  BackupRestore as RestoreJson,
  BackupSchedule as ScheduleJson,
} from '@sluice/contract';
import {
  type Backup,
  type Download,
  isEnded,
  type Restore,
  type Schedule,
} from '../../services/backups/index.ts';
import { kindOf } from '../../services/kinds/index.ts';

type Part = Backup['parts'][number];

const TRIGGERS = { manual: 'MANUAL', schedule: 'SCHEDULED', upload: 'UPLOAD', copy: 'COPY' };

/** As the divio client reads it: it waits for `COMPLETED`, and then for `SUCCESS`. */
function stateOf(parts: readonly { readonly state: string }[]): string {
  if (parts.every(isEnded)) return 'COMPLETED';
  const states = parts.map(({ state }) => state);
  if (states.includes('uploading')) return 'UPLOADING';
  return states.every((state) => state === 'queued') ? 'QUEUED' : 'RUNNING';
}

function successOf(parts: readonly { readonly state: string }[]): string | null {
  if (!parts.every(isEnded)) return null;
  const good = parts.filter(({ state }) => state === 'done').length;
  if (good === parts.length) return 'SUCCESS';
  return good === 0 ? 'FAILURE' : 'PARTIAL';
}

const lastEnd = (parts: readonly { readonly state: string; readonly ended_at: string | null }[]) =>
  parts.every(isEnded)
    ? (parts
        .map(({ ended_at }) => ended_at ?? '')
        .sort()
        .at(-1) ?? null)
    : null;

export const partJson = (part: Part): PartJson => ({
  uuid: part.uuid,
  backup: part.backup_uuid,
  service_instance: part.service_uuid,
  service_type: kindOf(part.kind).type,
  kind: part.kind,
  state: stateOf([part]),
  success: successOf([part]),
  size: part.bytes,
  sha256: part.sha256,
  format: part.format,
  errors: part.error ?? '',
  started_at: part.started_at,
  ended_at: part.ended_at,
});

export const backupJson = (backup: Backup): BackupJson => ({
  uuid: backup.uuid,
  application: backup.application_uuid,
  environment: backup.environment_uuid,
  trigger: TRIGGERS[backup.trigger],
  notes: backup.notes,
  state: stateOf(backup.parts),
  success: successOf(backup.parts),
  size: backup.parts.reduce((sum, { bytes }) => sum + bytes, 0),
  created_by: backup.created_by,
  created_at: backup.created_at,
  ended_at: lastEnd(backup.parts),
  scheduled_for_deletion_at: backup.delete_at,
  schedule: backup.schedule_uuid,
  service_instance_backups: backup.parts.map(({ uuid }) => uuid),
  parts: backup.parts.map(partJson),
});

export const restoreJson = (restore: Restore): RestoreJson => ({
  uuid: restore.uuid,
  backup: restore.backup_uuid,
  environment: restore.environment_uuid,
  trigger: TRIGGERS[restore.trigger],
  notes: restore.notes,
  created_by: restore.created_by,
  created_at: restore.created_at,
  finished: restore.parts.every(isEnded),
  success: successOf(restore.parts),
  ended_at: lastEnd(restore.parts),
  service_instance_restores: restore.parts.map((part) => ({
    uuid: part.uuid,
    service_instance_backup: part.service_backup_uuid,
    service_instance: part.service_uuid,
    state: stateOf([part]),
    success: successOf([part]),
    progress: part.bytes,
    errors: part.error ?? '',
    started_at: part.started_at,
    ended_at: part.ended_at,
  })),
});

export const scheduleJson = (schedule: Schedule): ScheduleJson => ({
  uuid: schedule.uuid,
  environment: schedule.environment_uuid,
  cron: schedule.cron,
  keep_count: schedule.keep_count,
  keep_days: schedule.keep_days,
  next_at: schedule.next_at,
  created_by: schedule.created_by,
  created_at: schedule.created_at,
});

/** `part` is what is wished for, null where it was removed; `url` where it can be had, null as long as it cannot. */
export const downloadJson = (
  download: Download,
  part: Part | null,
  url: string | null,
): DownloadJson => ({
  uuid: download.uuid,
  backup: download.download_uuid,
  service_instance_backup: download.service_backup_uuid,
  ended_at: part === null ? download.created_at : part.ended_at,
  errors: part === null ? 'The backup was removed.' : part.error,
  download_url: url,
  expires_at: download.until,
});
