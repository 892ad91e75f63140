import type { Kysely, Selectable, Updateable } from 'kysely';
import type { Secrets } from '../../secrets/index.ts';
import type { Database, Trx } from '../../store/index.ts';
import type { MirrorHostKeyRow, MirrorRow } from '../../store/schema/mirrors.ts';
import type { Credentials } from './connection.ts';
import type { HostKey } from './known-hosts.ts';

export type MirrorState = Selectable<MirrorRow>;
export type KnownHostKey = Selectable<MirrorHostKeyRow>;

const passwordAt = (repositoryUuid: string) => `mirror_password:${repositoryUuid}`;
const keyAt = (repositoryUuid: string) => `mirror_key:${repositoryUuid}`;

/** The rows of mirrors, with their secrets sealed on the way in and opened only for a fetch. */
export function createMirrorRows(db: Kysely<Database>, secrets: Pick<Secrets, 'seal' | 'open'>) {
  const change = async (
    repositoryUuid: string,
    columns: Updateable<MirrorRow>,
    where: Kysely<Database> | Trx = db,
  ): Promise<void> => {
    await where
      .updateTable('mirrors')
      .set(columns)
      .where('repository_uuid', '=', repositoryUuid)
      .execute();
  };

  return {
    change,

    get: async (repositoryUuid: string): Promise<MirrorState | null> =>
      (await db
        .selectFrom('mirrors')
        .selectAll()
        .where('repository_uuid', '=', repositoryUuid)
        .executeTakeFirst()) ?? null,

    /** The host calls it by another name now. False: somebody changed the address meanwhile. */
    follow: async (repositoryUuid: string, from: string, to: string): Promise<boolean> => {
      const { numUpdatedRows } = await db
        .updateTable('repositories')
        .set({ url: to })
        .where('uuid', '=', repositoryUuid)
        .where('url', '=', from)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      const moved = { moved_from: from, moved_at: new Date().toISOString(), moved_to: null };
      await change(repositoryUuid, moved);
      return true;
    },

    /** Those that are to be looked at by now, the longest waiting first. */
    due: async (now: number, limit: number): Promise<string[]> => {
      const rows = await db
        .selectFrom('mirrors')
        .select('repository_uuid')
        .where('next_fetch_at', '<=', now)
        .orderBy('next_fetch_at')
        .limit(limit)
        .execute();
      return rows.map((row) => row.repository_uuid);
    },

    isDue: async (repositoryUuid: string, now: number): Promise<boolean> => {
      const row = await db
        .selectFrom('mirrors')
        .select('repository_uuid')
        .where('repository_uuid', '=', repositoryUuid)
        .where('next_fetch_at', '<=', now)
        .executeTakeFirst();
      return row !== undefined;
    },

    create: async (trx: Trx, repositoryUuid: string, createdBy: string | null): Promise<void> => {
      await trx
        .insertInto('mirrors')
        .values({
          ...{ repository_uuid: repositoryUuid, created_by: createdBy },
          ...{ username: null, password: null },
          ...{ key_type: null, public_key: null, private_key: null, remote_head: null },
          ...{ last_attempt_at: null, last_success_at: null },
          ...{ last_error: null, last_error_reason: null, failures: 0, next_fetch_at: 0 },
        })
        .onConflict((conflict) => conflict.column('repository_uuid').doNothing())
        .execute();
    },

    remove: async (trx: Trx, repositoryUuid: string): Promise<void> => {
      for (const table of ['webhook_deliveries', 'webhooks', 'mirror_host_keys'] as const) {
        await trx.deleteFrom(table).where('repository_uuid', '=', repositoryUuid).execute();
      }
      await trx.deleteFrom('mirrors').where('repository_uuid', '=', repositoryUuid).execute();
    },

    sealPassword: (repositoryUuid: string, password: string): string =>
      secrets.seal(password, passwordAt(repositoryUuid)),
    sealKey: (repositoryUuid: string, privateKey: string): string =>
      secrets.seal(privateKey, keyAt(repositoryUuid)),

    open: (row: MirrorState): Credentials => ({
      username: row.username,
      password:
        row.password === null ? null : secrets.open(row.password, passwordAt(row.repository_uuid)),
      privateKey:
        row.private_key === null ? null : secrets.open(row.private_key, keyAt(row.repository_uuid)),
    }),

    hostKeys: (repositoryUuid: string): Promise<KnownHostKey[]> =>
      db
        .selectFrom('mirror_host_keys')
        .selectAll()
        .where('repository_uuid', '=', repositoryUuid)
        .orderBy('id')
        .execute(),

    remember: async (
      repositoryUuid: string,
      keys: readonly HostKey[],
      state: 'trusted' | 'offered',
    ): Promise<void> => {
      for (const { host, type, key, fingerprint } of keys) {
        await db
          .insertInto('mirror_host_keys')
          .values({
            ...{ repository_uuid: repositoryUuid, host, key_type: type, key, fingerprint, state },
            seen_at: new Date().toISOString(),
          })
          // A key that is trusted stays so, and one that was offered before is not news.
          .onConflict((conflict) =>
            conflict.columns(['repository_uuid', 'host', 'fingerprint']).doNothing(),
          )
          .execute();
      }
    },
  };
}

export type MirrorRows = ReturnType<typeof createMirrorRows>;
