import { environmentLock } from '../../deploy/locks.ts';
import { RuntimeFailure } from '../../deploy/runtimes/runtime.ts';
import { SluiceError } from '../../errors.ts';
import type { ServiceBackupRow, ServiceRestoreRow } from '../../store/schema/service-backups.ts';
import { type BackupsContext, blobName, CHANNEL, sealContext } from './context.ts';
import { DataFailure, type ServiceData } from './data/types.ts';
import { createMeter } from './meter.ts';

/** What was found when `attempts` was raised: a server that lost the work to another changes nothing any more. */
type Held<T> = T & { readonly attempts: number };

export function createPerformers(context: BackupsContext) {
  const { store, secrets, vault, dataOf, now, onError } = context;

  const changeBackup = (held: Held<ServiceBackupRow>, change: Partial<ServiceBackupRow>) =>
    store.db
      .updateTable('service_backups')
      .set(change)
      .where('uuid', '=', held.uuid)
      .where('state', '=', 'running')
      .where('attempts', '=', held.attempts)
      .execute();

  const changeRestore = (held: Held<ServiceRestoreRow>, change: Partial<ServiceRestoreRow>) =>
    store.db
      .updateTable('service_restores')
      .set(change)
      .where('uuid', '=', held.uuid)
      .where('state', '=', 'running')
      .where('attempts', '=', held.attempts)
      .execute();

  /** `row` was just set to run. */
  const backup = async (row: Held<ServiceBackupRow>, ended: AbortSignal): Promise<void> => {
    const meter = createMeter((bytes) => changeBackup(row, { bytes }));
    try {
      const data = await dataOf(row.service_uuid);
      const key = vault.newKey();
      const blob = blobName(row.uuid, String(row.attempts));
      const key_sealed = secrets.seal(key, sealContext(row.uuid));
      await changeBackup(row, { blob, key_sealed, format: data.format });
      const stored = await vault.store(blob, key, data.dump(ended), meter.note);
      await meter.stop();
      await changeBackup(row, { state: 'done', ...stored, ended_at: now().toISOString() });
    } catch (error) {
      await meter.stop();
      // Another server goes on with it, or this one after its restart.
      if (ended.aborted) return;
      await changeBackup(row, {
        ...{ state: 'failed', error: reasonOf(error), blob: null, key_sealed: null, bytes: 0 },
        ended_at: now().toISOString(),
      });
      if (!isExpected(error)) onError(error, 'backing up a service');
    } finally {
      store.events.emit(CHANNEL);
    }
  };

  const restore = async (row: Held<ServiceRestoreRow>, ended: AbortSignal): Promise<void> => {
    const meter = createMeter((bytes) => changeRestore(row, { bytes }));
    const done = () => changeRestore(row, { state: 'done', ended_at: now().toISOString() });
    try {
      const source = await store.db
        .selectFrom('service_backups')
        .selectAll()
        .where('uuid', '=', row.service_backup_uuid)
        .executeTakeFirst();
      const target = await store.db
        .selectFrom('service_instances')
        .select('environment_uuid')
        .where('uuid', '=', row.service_uuid)
        .executeTakeFirst();
      if (source?.state !== 'done' || target === undefined) {
        throw new DataFailure(
          source?.state === 'failed'
            ? `The backup that it needs failed: ${source.error}`
            : 'The backup that it needs, or the service, was removed.',
        );
      }
      const data = await dataOf(row.service_uuid);
      if (row.attempts > 1 && (await data.wasSwitched(row.uuid))) {
        await done();
        return;
      }
      const { blob, key_sealed, sha256, format, bytes } = source;
      if (blob === null || key_sealed === null || sha256 === null || format === null) {
        throw new DataFailure('The backup holds no data.');
      }
      const key = secrets.open(key_sealed, sealContext(source.uuid));
      const dump = meter.through(vault.load(blob, key, { bytes, sha256 }));
      await data.load(row.uuid, dump, format, ended);
      await meter.stop();
      // A deployment that runs may be changing the data right now; one that comes waits.
      const held = await store.locks.hold(
        environmentLock(target.environment_uuid),
        async () => {
          await switchOver(data, row.uuid);
          await done();
          return true;
        },
        ended,
      );
      if (held === null) return;
    } catch (error) {
      await meter.stop();
      if (ended.aborted) return;
      await changeRestore(row, {
        ...{ state: 'failed', error: reasonOf(error), ended_at: now().toISOString() },
      });
      if (!isExpected(error)) onError(error, 'restoring a service');
    } finally {
      store.events.emit(CHANNEL);
    }
  };

  /** What is left of a restore that ended. */
  const clean = async ({ uuid, service_uuid }: ServiceRestoreRow): Promise<void> => {
    const data = await dataOf(service_uuid).catch((error: unknown) => {
      if (error instanceof SluiceError && error.code === 'not_found') return null;
      throw error;
    });
    await data?.clean(uuid);
    await store.db
      .updateTable('service_restores')
      .set({ is_clean: 1 })
      .where('uuid', '=', uuid)
      .execute();
  };

  return { backup, restore, clean };
}

/** What failed after the point of no return did not fail. */
async function switchOver(data: ServiceData, id: string): Promise<void> {
  try {
    await data.switch(id);
  } catch (error) {
    if (!(await data.wasSwitched(id).catch(() => false))) throw error;
  }
}

const isExpected = (error: unknown): boolean =>
  error instanceof DataFailure || error instanceof RuntimeFailure || error instanceof SluiceError;

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, 2_000);
}
