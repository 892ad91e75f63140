import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { UserRow } from '../store/schema/accounts.ts';
import type { Audit } from './audit.ts';
import { readEmail, readName } from './names.ts';
import { keepOwners } from './organisations.ts';
import { hashPassword } from './passwords.ts';
import { endSessionsOf } from './sessions/rows.ts';
import type { Actor, User } from './types.ts';

export interface NewUser {
  readonly email: string;
  /** Null: no password opens the account; a person then needs one set, a machine uses tokens. */
  readonly password: string | null;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly isAdmin?: boolean;
}

export interface UserChange {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly password?: string;
  readonly isAdmin?: boolean;
  readonly disabled?: boolean;
}

/** A row ready to insert. Made before the transaction, for hashing a password takes long. */
export async function prepareUser(user: NewUser, isMachine: boolean, now: Date): Promise<UserRow> {
  if (isMachine && user.password !== null) {
    throw new SluiceError('invalid', 'A machine user has no password.', {
      fields: { password: ['A machine user has no password; make an access token.'] },
    });
  }
  return {
    uuid: randomUUID(),
    email: readEmail(user.email),
    first_name: readName('first_name', user.firstName ?? ''),
    last_name: readName('last_name', user.lastName ?? ''),
    password_hash: user.password === null ? null : await hashPassword(user.password),
    is_machine: isMachine ? 1 : 0,
    is_admin: user.isAdmin === true ? 1 : 0,
    created_at: now.toISOString(),
    disabled_at: null,
  };
}

/** Inserts it, or throws `conflict` when the email is taken. */
export async function insertUser(
  trx: Trx,
  audit: Audit,
  row: UserRow,
  actor: Actor,
): Promise<User> {
  const taken = await trx
    .selectFrom('users')
    .select('uuid')
    .where('email', '=', row.email)
    .executeTakeFirst();
  if (taken !== undefined) {
    throw new SluiceError('conflict', `There is a user with the email ${row.email} already.`, {
      reason: 'email_taken',
      fields: { email: ['There is a user with this email already.'] },
    });
  }
  await trx.insertInto('users').values(row).execute();
  await audit.record(trx, {
    actor,
    action: 'user.create',
    target: `user:${row.uuid}`,
    details: { email: row.email, is_machine: row.is_machine, is_admin: row.is_admin },
  });
  return toUser(row);
}

export function createUsers(store: Store, audit: Audit, now: () => Date) {
  const get = async (uuid: string): Promise<User | null> => {
    const row = await store.db
      .selectFrom('users')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toUser(row);
  };

  const byEmail = async (email: string): Promise<User | null> => {
    const row = await store.db
      .selectFrom('users')
      .selectAll()
      .where('email', '=', email.trim().toLowerCase())
      .executeTakeFirst();
    return row === undefined ? null : toUser(row);
  };

  /** A password that somebody else sets, and disabling an account, end its tokens and sessions: either follows a suspicion. */
  const update = async (uuid: string, change: UserChange, actor: Actor): Promise<User> => {
    const hash = change.password === undefined ? undefined : await hashPassword(change.password);
    const at = now().toISOString();
    await store.transaction(async (trx) => {
      const row = await trx
        .selectFrom('users')
        .selectAll()
        .where('uuid', '=', uuid)
        .executeTakeFirst();
      if (row === undefined) throw new SluiceError('not_found', 'There is no such user.');
      if (hash !== undefined && row.is_machine === 1) {
        throw new SluiceError('invalid', 'A machine user has no password.', {
          fields: { password: ['A machine user has no password; make an access token.'] },
        });
      }
      const losesAdmin = row.is_admin === 1 && (change.isAdmin === false || change.disabled);
      if (losesAdmin) await keepAnAdministrator(trx, uuid);
      await trx
        .updateTable('users')
        .set({
          ...(change.firstName === undefined
            ? {}
            : { first_name: readName('first_name', change.firstName) }),
          ...(change.lastName === undefined
            ? {}
            : { last_name: readName('last_name', change.lastName) }),
          ...(hash === undefined ? {} : { password_hash: hash }),
          ...(change.isAdmin === undefined ? {} : { is_admin: change.isAdmin ? 1 : 0 }),
          ...(change.disabled === undefined ? {} : { disabled_at: change.disabled ? at : null }),
          email: row.email,
        })
        .where('uuid', '=', uuid)
        .execute();
      if (hash !== undefined || change.disabled) {
        await endSessionsOf(trx, uuid, null);
        await trx
          .updateTable('access_tokens')
          .set({ revoked_at: at })
          .where('user_uuid', '=', uuid)
          .where('revoked_at', 'is', null)
          .execute();
      }
      const { password: _password, ...shown } = change;
      await audit.record(trx, {
        actor,
        action: 'user.update',
        target: `user:${uuid}`,
        details: { ...shown, password_changed: hash !== undefined },
      });
    });
    const user = await get(uuid);
    if (user === null) throw new SluiceError('not_found', 'There is no such user.');
    return user;
  };

  /** Removes a machine user with its tokens and memberships. People are disabled instead: they may come back. */
  const removeMachine = (uuid: string, actor: Actor): Promise<void> =>
    store.transaction(async (trx) => {
      const row = await trx
        .selectFrom('users')
        .select(['email', 'is_machine', 'is_admin'])
        .where('uuid', '=', uuid)
        .executeTakeFirst();
      if (row === undefined) throw new SluiceError('not_found', 'There is no such user.');
      if (row.is_machine === 0) {
        throw new SluiceError('conflict', 'Only machine users can be deleted.', {
          reason: 'not_a_machine',
          remedy: 'Disable the account; it can be enabled again.',
        });
      }
      if (row.is_admin === 1) await keepAnAdministrator(trx, uuid);
      await keepOwners(trx, uuid);
      await trx.deleteFrom('access_tokens').where('user_uuid', '=', uuid).execute();
      await trx.deleteFrom('memberships').where('user_uuid', '=', uuid).execute();
      await trx.deleteFrom('application_collaborators').where('user_uuid', '=', uuid).execute();
      await trx.deleteFrom('users').where('uuid', '=', uuid).execute();
      await audit.record(trx, {
        ...{ actor, action: 'user.delete', target: `user:${uuid}` },
        details: { email: row.email },
      });
    });

  return { get, byEmail, update, removeMachine };
}

async function keepAnAdministrator(trx: Trx, except: string): Promise<void> {
  const other = await trx
    .selectFrom('users')
    .select('uuid')
    .where('is_admin', '=', 1)
    .where('disabled_at', 'is', null)
    .where('uuid', '!=', except)
    .executeTakeFirst();
  if (other !== undefined) return;
  throw new SluiceError('conflict', 'This is the last administrator.', {
    reason: 'last_administrator',
    remedy: 'Make another administrator first.',
  });
}

function toUser(row: Selectable<UserRow>): User {
  return {
    uuid: row.uuid,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    isMachine: row.is_machine === 1,
    isAdmin: row.is_admin === 1,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  };
}
