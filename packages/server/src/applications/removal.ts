import { SluiceError } from '../errors.ts';
import type { Git } from '../git/types.ts';
import type { Store } from '../store/index.ts';
import { toApplication } from './rows.ts';
import type { Application } from './types.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Removing is a mark that can be taken back for `graceDays`; the purge then removes for good. */
export function createRemoval(
  store: Store,
  git: Pick<Git, 'remove' | 'removeFromDisk'>,
  graceDays: number,
  now: () => Date,
) {
  /** Idempotent: a second removal keeps the time of the first. Its slug stays taken until the purge. */
  const remove = async (uuid: string): Promise<void> => {
    await store.db
      .updateTable('applications')
      .set({ deleted_at: now().toISOString() })
      .where('uuid', '=', uuid)
      .where('deleted_at', 'is', null)
      .execute();
    await wakeEnvironments(uuid);
  };

  const removed = async (uuid: string): Promise<Application | null> => {
    const row = await store.db
      .selectFrom('applications')
      .selectAll()
      .where('uuid', '=', uuid)
      .where('deleted_at', 'is not', null)
      .executeTakeFirst();
    return row === undefined ? null : toApplication(row);
  };

  /** Throws `not_found` when it was never removed or is gone already. */
  const restore = async (uuid: string): Promise<void> => {
    const { numUpdatedRows } = await store.db
      .updateTable('applications')
      .set({ deleted_at: null })
      .where('uuid', '=', uuid)
      .where('deleted_at', 'is not', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) {
      throw new SluiceError('not_found', 'There is no removed application to restore.');
    }
    await wakeEnvironments(uuid);
  };

  const wakeEnvironments = async (uuid: string): Promise<void> => {
    const rows = await store.db
      .selectFrom('environments')
      .select('uuid')
      .where('application_uuid', '=', uuid)
      .execute();
    for (const row of rows) store.events.emit(`environment:${row.uuid}`);
    store.changes.emit({ kind: 'application', id: uuid, application: uuid });
  };

  /**
   * Removes for good what was removed longer ago than the grace period: rows, variables, the repository. The
   * website id stays used. Answers the uuids. Run it daily; running it twice is fine.
   */
  const purge = async (): Promise<string[]> => {
    const before = new Date(now().getTime() - graceDays * DAY_MS).toISOString();
    const due = await store.db
      .selectFrom('applications')
      .select(['uuid', 'repository_uuid'])
      .where('deleted_at', '<=', before)
      .execute();
    for (const application of due) {
      await store.transaction(async (trx) => {
        const environments = trx
          .selectFrom('environments')
          .select('uuid')
          .where('application_uuid', '=', application.uuid);
        await trx
          .deleteFrom('environment_variables')
          .where('environment_uuid', 'in', environments)
          .execute();
        await trx.deleteFrom('domains').where('environment_uuid', 'in', environments).execute();
        await trx
          .deleteFrom('environments')
          .where('application_uuid', '=', application.uuid)
          .execute();
        await trx
          .deleteFrom('application_collaborators')
          .where('application_uuid', '=', application.uuid)
          .execute();
        await trx.deleteFrom('applications').where('uuid', '=', application.uuid).execute();
        await git.remove(trx, application.repository_uuid);
      });
      await git.removeFromDisk(application.repository_uuid);
    }
    return due.map((application) => application.uuid);
  };

  return { remove, removed, restore, purge };
}
