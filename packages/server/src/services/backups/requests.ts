import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Trx } from '../../store/index.ts';
import type { BackupRow, ServiceBackupRow } from '../../store/schema/service-backups.ts';
import type { ServiceInstanceRow } from '../../store/schema/services.ts';
import { type BackupsContext, CHANNEL } from './context.ts';
import type { NewBackup, NewRestore } from './types.ts';

const COPIES_ARE_KEPT_MS = 24 * 60 * 60_000;
const LONGEST_NOTES = 500;

/** Writes down what is wanted; `work.ts` does it. */
export function createRequests({ store, now }: BackupsContext) {
  const backupIn = async (
    trx: Trx,
    input: NewBackup,
    how: Pick<BackupRow, 'trigger'> & Partial<Pick<BackupRow, 'schedule_uuid'>>,
    part: Partial<ServiceBackupRow> = {},
  ): Promise<{ backup: BackupRow; parts: ServiceBackupRow[] }> => {
    const services = await servicesOf(trx, input.environmentUuid, input.services);
    const [first] = services;
    if (first === undefined) {
      throw fieldError(
        'environment',
        'This environment has no services, so there is nothing to back up.',
      );
    }
    const created_at = now().toISOString();
    const backup: BackupRow = {
      uuid: randomUUID(),
      application_uuid: first.application_uuid,
      environment_uuid: input.environmentUuid,
      schedule_uuid: null,
      ...how,
      notes: (input.notes ?? '').slice(0, LONGEST_NOTES),
      created_by: input.by,
      created_at,
      delete_at: input.deleteAt ?? null,
    };
    const parts = services.map(({ uuid, kind }) => ({
      ...emptyPart(backup.uuid, uuid, kind, created_at),
      ...part,
    }));
    await trx.insertInto('backups').values(backup).execute();
    await trx.insertInto('service_backups').values(parts).execute();
    store.events.emit(CHANNEL, trx);
    return { backup, parts };
  };

  const restoreIn = async (trx: Trx, input: NewRestore, trigger: 'manual' | 'copy') => {
    const backup = await trx
      .selectFrom('backups')
      .selectAll()
      .where('uuid', '=', input.backupUuid)
      .executeTakeFirst();
    if (backup === undefined) throw fieldError('backup', 'There is no such backup.');
    const all = await trx
      .selectFrom('service_backups')
      .selectAll()
      .where('backup_uuid', '=', backup.uuid)
      .execute();
    const chosen = all.filter(({ uuid }) => input.parts?.includes(uuid) ?? true);
    if (chosen.length === 0 || chosen.length < (input.parts?.length ?? 0)) {
      throw fieldError('service_instance_restores', 'This backup has no such part.');
    }
    const environment_uuid = input.environmentUuid ?? backup.environment_uuid;
    const there = await servicesOf(trx, environment_uuid, undefined);
    const created_at = now().toISOString();
    const restore = {
      uuid: randomUUID(),
      ...{ backup_uuid: backup.uuid, environment_uuid, trigger, created_at },
      notes: (input.notes ?? '').slice(0, LONGEST_NOTES),
      created_by: input.by,
    };
    const parts = [];
    for (const part of chosen) {
      if (trigger === 'manual') refuseUnfinished(part);
      const from = await trx
        .selectFrom('service_instances')
        .select(['kind', 'prefix'])
        .where('uuid', '=', part.service_uuid)
        .executeTakeFirst();
      const target =
        there.find(({ uuid }) => uuid === part.service_uuid) ??
        there.find(({ kind, prefix }) => kind === part.kind && prefix === from?.prefix);
      if (target === undefined) {
        throw fieldError(
          'environment',
          `That environment has no ${part.kind} service with the prefix ${from?.prefix ?? 'DEFAULT'}. Add one first.`,
        );
      }
      parts.push({
        ...{ uuid: randomUUID(), restore_uuid: restore.uuid, service_backup_uuid: part.uuid },
        ...{ service_uuid: target.uuid, state: 'queued' as const, bytes: 0, error: null },
        ...{ attempts: 0, is_clean: 0, created_at, started_at: null, ended_at: null },
      });
    }
    await trx.insertInto('restores').values(restore).execute();
    await trx.insertInto('service_restores').values(parts).execute();
    store.events.emit(CHANNEL, trx);
    return { ...restore, parts };
  };

  return {
    backupIn,
    create: (input: NewBackup) =>
      store.transaction(
        async (trx) => (await backupIn(trx, input, { trigger: 'manual' })).backup.uuid,
      ),
    restore: (input: NewRestore) =>
      store.transaction(async (trx) => (await restoreIn(trx, input, 'manual')).uuid),
    /** Data of one environment into another: a backup there, and a restore here that waits for it. */
    copy: (input: NewBackup & { readonly to: string }) =>
      store.transaction(async (trx) => {
        if (input.to === input.environmentUuid) {
          throw fieldError('to', 'Name another environment than the one that is copied.');
        }
        const deleteAt = new Date(now().getTime() + COPIES_ARE_KEPT_MS).toISOString();
        const { backup } = await backupIn(trx, { ...input, deleteAt }, { trigger: 'copy' });
        const { by, notes = '', to: environmentUuid } = input;
        return (
          await restoreIn(trx, { backupUuid: backup.uuid, environmentUuid, notes, by }, 'copy')
        ).uuid;
      }),
  };
}

export type Requests = ReturnType<typeof createRequests>;

async function servicesOf(
  trx: Trx,
  environmentUuid: string,
  only: readonly string[] | undefined,
): Promise<Pick<ServiceInstanceRow, 'uuid' | 'kind' | 'prefix' | 'application_uuid'>[]> {
  const all = await trx
    .selectFrom('service_instances')
    .select(['uuid', 'kind', 'prefix', 'application_uuid'])
    .where('environment_uuid', '=', environmentUuid)
    .where('state', '!=', 'removed')
    .orderBy('created_at')
    .execute();
  const chosen = all.filter(({ uuid }) => only?.includes(uuid) ?? true);
  if (only === undefined || chosen.length === new Set(only).size) return chosen;
  throw fieldError('services', 'This environment has no such service.');
}

function emptyPart(
  backup_uuid: string,
  service_uuid: string,
  kind: ServiceBackupRow['kind'],
  created_at: string,
): ServiceBackupRow {
  return {
    ...{ uuid: randomUUID(), backup_uuid, service_uuid, kind, created_at, state: 'queued' },
    ...{ format: null, blob: null, key_sealed: null, bytes: 0, sha256: null, error: null },
    ...{ attempts: 0, started_at: null, ended_at: null },
    ...{ upload_secret_hash: null, upload_until: null, upload_limit: null },
  };
}

function refuseUnfinished({ state, error }: ServiceBackupRow): void {
  if (state === 'done') return;
  const why = state === 'failed' ? `failed: ${error}` : 'is not finished yet.';
  throw new SluiceError('conflict', `This backup ${why}`, {
    reason: state === 'failed' ? 'backup_failed' : 'backup_unfinished',
  });
}

export function fieldError(field: string, text: string): SluiceError {
  return new SluiceError('invalid', text, { fields: { [field]: [text] } });
}
