import { SluiceError } from '../../errors.ts';
import { type BackupsContext, BLOBS } from './context.ts';

/** Backups go in three steps, each of which may be the last of a server: marked, then the data, then the rows. */
export function createRemoval({ store, vault }: BackupsContext) {
  /** Throws `conflict` while it is made, or restored from. */
  const mark = (backupUuid: string): Promise<void> =>
    store.transaction(async (trx) => {
      const parts = await trx
        .selectFrom('service_backups')
        .select(['uuid', 'state'])
        .where('backup_uuid', '=', backupUuid)
        .execute();
      const uuids = parts.map(({ uuid }) => uuid);
      const restores =
        uuids.length === 0
          ? []
          : await trx
              .selectFrom('service_restores')
              .select('uuid')
              .where('service_backup_uuid', 'in', uuids)
              .where('state', 'in', ['queued', 'running'])
              .execute();
      if (parts.some(({ state }) => state === 'running') || restores.length > 0) {
        throw new SluiceError(
          'conflict',
          `This backup is being ${restores.length > 0 ? 'restored' : 'made'} right now.`,
          { reason: 'backup_in_use', remedy: 'Try again when that has ended.' },
        );
      }
      await trx
        .updateTable('service_backups')
        .set({ state: 'removed' })
        .where('backup_uuid', '=', backupUuid)
        .execute();
    });

  const finish = async (backupUuid: string): Promise<void> => {
    const parts = await store.db
      .selectFrom('service_backups')
      .select(['uuid', 'blob'])
      .where('backup_uuid', '=', backupUuid)
      .execute();
    for (const { blob } of parts) if (blob !== null) await vault.remove(blob);
    await store.transaction(async (trx) => {
      const uuids = parts.map(({ uuid }) => uuid);
      if (uuids.length > 0) {
        await trx
          .deleteFrom('backup_downloads')
          .where('service_backup_uuid', 'in', uuids)
          .execute();
      }
      await trx.deleteFrom('service_backups').where('backup_uuid', '=', backupUuid).execute();
      await trx.deleteFrom('backups').where('uuid', '=', backupUuid).execute();
    });
  };

  return {
    remove: async (backupUuid: string): Promise<void> => {
      await mark(backupUuid);
      await finish(backupUuid);
    },
    /** Data that no row names: a server died before it wrote the row. Uploads that go on are not touched. */
    sweep: async (): Promise<void> => {
      for await (const { key } of store.blobs.list(BLOBS)) {
        const [uuid = ''] = key.slice(BLOBS.length).split('/');
        const row = await store.db
          .selectFrom('service_backups')
          .select(['state', 'blob'])
          .where('uuid', '=', uuid)
          .executeTakeFirst();
        const isBusy = row?.state === 'uploading' || row?.state === 'running';
        if (!isBusy && row?.blob !== key) await vault.remove(key);
      }
    },
    /** Goes on with what another server began. */
    finishAll: async (): Promise<void> => {
      const marked = await store.db
        .selectFrom('service_backups')
        .select('backup_uuid')
        .distinct()
        .where('state', '=', 'removed')
        .execute();
      for (const { backup_uuid } of marked) await finish(backup_uuid);
    },
  };
}

export type Removal = ReturnType<typeof createRemoval>;
