import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { BackupRow, RestoreRow } from '../../store/schema/service-backups.ts';
import type { Backup, Restore } from './types.ts';

/** Backups and restores with their parts. */
export function createReading({ db }: Store) {
  const withParts = async (rows: readonly BackupRow[]): Promise<Backup[]> => {
    if (rows.length === 0) return [];
    const parts = await db
      .selectFrom('service_backups')
      .selectAll()
      .where(
        'backup_uuid',
        'in',
        rows.map(({ uuid }) => uuid),
      )
      .orderBy('created_at')
      .orderBy('uuid')
      .execute();
    const of = Map.groupBy(parts, ({ backup_uuid }) => backup_uuid);
    return rows.map((row) => ({ ...row, parts: of.get(row.uuid) ?? [] }));
  };

  const withRestoreParts = async (rows: readonly RestoreRow[]): Promise<Restore[]> => {
    if (rows.length === 0) return [];
    const parts = await db
      .selectFrom('service_restores')
      .selectAll()
      .where(
        'restore_uuid',
        'in',
        rows.map(({ uuid }) => uuid),
      )
      .orderBy('uuid')
      .execute();
    const of = Map.groupBy(parts, ({ restore_uuid }) => restore_uuid);
    return rows.map((row) => ({ ...row, parts: of.get(row.uuid) ?? [] }));
  };

  const get = async (uuid: string): Promise<Backup | null> => {
    const rows = await db.selectFrom('backups').selectAll().where('uuid', '=', uuid).execute();
    return (await withParts(rows))[0] ?? null;
  };
  const restoreOf = async (uuid: string): Promise<Restore | null> => {
    const rows = await db.selectFrom('restores').selectAll().where('uuid', '=', uuid).execute();
    return (await withRestoreParts(rows))[0] ?? null;
  };

  return {
    get,
    restoreOf,
    known: async (uuid: string) => present(await get(uuid)),
    knownRestore: async (uuid: string) => present(await restoreOf(uuid)),
    ofPart: async (serviceBackupUuid: string): Promise<Backup | null> => {
      const part = await db
        .selectFrom('service_backups')
        .select('backup_uuid')
        .where('uuid', '=', serviceBackupUuid)
        .executeTakeFirst();
      return part === undefined ? null : get(part.backup_uuid);
    },
    list: async (
      { environmentUuids }: { readonly environmentUuids: readonly string[] },
      { offset, limit }: { readonly offset: number; readonly limit: number },
    ) => {
      if (environmentUuids.length === 0) return { count: 0, backups: [] };
      const { count } = await db
        .selectFrom('backups')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('environment_uuid', 'in', environmentUuids)
        .executeTakeFirstOrThrow();
      const rows = await db
        .selectFrom('backups')
        .selectAll()
        .where('environment_uuid', 'in', environmentUuids)
        .orderBy('created_at', 'desc')
        .orderBy('uuid')
        .offset(offset)
        .limit(limit)
        .execute();
      return { count: Number(count), backups: await withParts(rows) };
    },
    restores: async (environmentUuids: readonly string[]): Promise<Restore[]> => {
      if (environmentUuids.length === 0) return [];
      const rows = await db
        .selectFrom('restores')
        .selectAll()
        .where('environment_uuid', 'in', environmentUuids)
        .orderBy('created_at', 'desc')
        .limit(100)
        .execute();
      return withRestoreParts(rows);
    },
  };
}

function present<T>(found: T | null): T {
  if (found === null) throw new SluiceError('not_found', 'Not found.');
  return found;
}
