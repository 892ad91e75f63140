import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { PasskeyRow } from '../../store/schema/sessions.ts';
import type { Audit } from '../audit.ts';
import { readName } from '../names.ts';
import type { Self } from './two-factor.ts';

export interface Passkey {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** A person's passkeys as they see them: listed, named, removed. */
export function createPasskeyRows(store: Store, audit: Audit) {
  /** Oldest first. */
  const list = async (userUuid: string): Promise<Passkey[]> => {
    const rows = await store.db
      .selectFrom('passkeys')
      .selectAll()
      .where('user_uuid', '=', userUuid)
      .orderBy('created_at')
      .orderBy('uuid')
      .execute();
    return rows.map(toPasskey);
  };

  /** Throws `not_found` for a passkey of somebody else. */
  const rename = async (self: Self, uuid: string, text: string): Promise<Passkey> => {
    const row = await store.db
      .updateTable('passkeys')
      .set({ name: readName('name', text, true) })
      .where('uuid', '=', uuid)
      .where('user_uuid', '=', self.userUuid)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw noSuchPasskey();
    return toPasskey(row);
  };

  const remove = (self: Self, uuid: string): Promise<void> =>
    store.transaction(async (trx) => {
      const row = await trx
        .deleteFrom('passkeys')
        .where('uuid', '=', uuid)
        .where('user_uuid', '=', self.userUuid)
        .returning('name')
        .executeTakeFirst();
      if (row === undefined) throw noSuchPasskey();
      await audit.record(trx, {
        actor: self.email,
        action: 'passkey.remove',
        target: `user:${self.userUuid}`,
        details: { passkey: uuid, name: row.name },
      });
    });

  return { list, rename, remove };
}

export const toPasskey = (row: PasskeyRow): Passkey => ({
  uuid: row.uuid,
  name: row.name,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
});

const noSuchPasskey = () => new SluiceError('not_found', 'There is no such passkey.');
