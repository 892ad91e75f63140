import type { ServiceBackupRow, ServiceRestoreRow } from '../../store/schema/service-backups.ts';
import { type BackupsContext, CHANNEL } from './context.ts';
import type { Housekeeping } from './housekeeping.ts';
import { createPerformers } from './perform.ts';

const LOOK_EVERY_MS = 15_000;
/** A server that died in it so often probably died of it. */
const MOST_ATTEMPTS = 3;

export interface Work {
  start(): void;
  /** Ends what is under way; it is begun anew at the next start. */
  stop(): Promise<void>;
}

/** Dumps and restores, one at a time for each service, by one server at a time. */
export function createWork(context: BackupsContext, housekeeping: Housekeeping): Work {
  const { store, settings, now, onError } = context;
  const perform = createPerformers(context);
  const stopping = new AbortController();
  let leading: Promise<void> | null = null;

  const claim = async <T extends 'service_backups' | 'service_restores'>(
    table: T,
    uuid: string,
  ): Promise<number | null> => {
    const set = (attempts: number) => ({
      ...{ state: 'running' as const, started_at: now().toISOString(), bytes: 0 },
      attempts,
    });
    return store.transaction(async (trx) => {
      const row = await trx
        .selectFrom(table as 'service_backups')
        .select('attempts')
        .where('uuid', '=', uuid)
        .where('state', '=', 'queued')
        .executeTakeFirst();
      if (row === undefined) return null;
      await trx
        .updateTable(table as 'service_backups')
        .set(set(row.attempts + 1))
        .where('uuid', '=', uuid)
        .execute();
      return row.attempts + 1;
    });
  };

  /** What a server that is gone had begun: it is begun anew, a few times. */
  const takeOver = async (): Promise<void> => {
    const lost = await store.db
      .selectFrom('service_backups')
      .selectAll()
      .where('state', '=', 'running')
      .execute();
    for (const { uuid, blob, attempts } of lost) {
      if (blob !== null) await context.vault.remove(blob);
      await store.db
        .updateTable('service_backups')
        .set(again(attempts, { blob: null, key_sealed: null, bytes: 0 }))
        .where('uuid', '=', uuid)
        .where('state', '=', 'running')
        .execute();
    }
    const restores = await store.db
      .selectFrom('service_restores')
      .select(['uuid', 'attempts'])
      .where('state', '=', 'running')
      .execute();
    for (const { uuid, attempts } of restores) {
      // A restore may have changed over already; that is looked at whatever the number of attempts.
      await store.db
        .updateTable('service_restores')
        .set(attempts < MOST_ATTEMPTS + 1 ? { state: 'queued' } : again(attempts, {}))
        .where('uuid', '=', uuid)
        .where('state', '=', 'running')
        .execute();
    }
  };

  const again = (attempts: number, change: Partial<ServiceBackupRow>) =>
    attempts < MOST_ATTEMPTS
      ? { ...change, state: 'queued' as const }
      : {
          ...change,
          state: 'failed' as const,
          error: `The server ended ${attempts} times while it was at work on this.`,
          ended_at: now().toISOString(),
        };

  const lead = async (ended: AbortSignal): Promise<void> => {
    const busy = new Map<string, Promise<void>>();
    const occupy = (serviceUuid: string, work: Promise<void>) => {
      const done = work
        .catch((error: unknown) => onError(error, 'backups of services'))
        .finally(() => busy.delete(serviceUuid))
        .finally(() => store.events.emit(CHANNEL));
      busy.set(serviceUuid, done);
    };
    const hasRoom = (serviceUuid: string) =>
      busy.size < settings.concurrency && !busy.has(serviceUuid);

    const begin = async (): Promise<void> => {
      for (const item of await waiting()) {
        if (ended.aborted || !hasRoom(item.row.service_uuid)) continue;
        if (item.kind === 'clean') {
          occupy(item.row.service_uuid, perform.clean(item.row));
        } else if (item.kind === 'backup') {
          const attempts = await claim('service_backups', item.row.uuid);
          if (attempts === null) continue;
          occupy(item.row.service_uuid, perform.backup({ ...item.row, attempts }, ended));
        } else {
          const attempts = await claim('service_restores', item.row.uuid);
          if (attempts === null) continue;
          const { row } = item;
          occupy(
            row.service_uuid,
            perform.restore({ ...row, attempts }, ended).then(async () => {
              if (!ended.aborted) await perform.clean(row);
            }),
          );
        }
      }
    };

    await takeOver();
    await housekeeping.sweep().catch((error: unknown) => onError(error, 'tidying up backups'));
    let cleanAt = 0;
    const waiting = async (): Promise<Waiting[]> => {
      const found = await queued();
      if (Date.now() < cleanAt) return found;
      // An engine that is away is not asked all the time.
      cleanAt = Date.now() + LOOK_EVERY_MS;
      return [...(await unclean()), ...found];
    };
    while (!ended.aborted) {
      const woken = store.events.wait(CHANNEL, LOOK_EVERY_MS, ended);
      await housekeeping.run().catch((error: unknown) => onError(error, 'tidying up backups'));
      await begin().catch((error: unknown) => onError(error, 'backups of services'));
      await woken;
    }
    await Promise.all(busy.values());
  };

  type Waiting =
    | { readonly kind: 'backup'; readonly row: ServiceBackupRow }
    | { readonly kind: 'restore' | 'clean'; readonly row: ServiceRestoreRow };

  /** In the order in which they were asked for; a restore whose backup is still being made is not yet among them. */
  const queued = async (): Promise<Waiting[]> => {
    const backups = await store.db
      .selectFrom('service_backups')
      .selectAll()
      .where('state', '=', 'queued')
      .execute();
    const restores = await store.db
      .selectFrom('service_restores')
      .selectAll()
      .where('state', '=', 'queued')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('service_backups')
              .select('service_backups.uuid')
              .whereRef('service_backups.uuid', '=', 'service_restores.service_backup_uuid')
              .where('service_backups.state', 'in', ['queued', 'running', 'uploading']),
          ),
        ),
      )
      .execute();
    return [
      ...backups.map((row) => ({ kind: 'backup' as const, row })),
      ...restores.map((row) => ({ kind: 'restore' as const, row })),
    ].sort((a, b) => (a.row.created_at < b.row.created_at ? -1 : 1));
  };

  const unclean = async (): Promise<Waiting[]> => {
    const rows = await store.db
      .selectFrom('service_restores')
      .selectAll()
      .where('state', 'in', ['done', 'failed'])
      .where('is_clean', '=', 0)
      .execute();
    return rows.map((row) => ({ kind: 'clean', row }));
  };

  return {
    start: () => {
      leading ??= store.locks.lead(CHANNEL, stopping.signal, async (ended) => {
        try {
          await lead(ended);
        } catch (error) {
          onError(error, 'backups of services');
          await store.events.wait(CHANNEL, LOOK_EVERY_MS, ended);
        }
      });
    },
    stop: async () => {
      stopping.abort();
      await leading;
    },
  };
}
