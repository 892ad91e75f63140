import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { Audit } from './audit.ts';
import { type createLinks, type MadeLink, revokeAll } from './links.ts';
import { putMember, readRole } from './organisations.ts';
import type { Actor, Role } from './types.ts';
import { insertUser, prepareUser } from './users.ts';

export interface Invite {
  readonly organisationUuid: string;
  readonly email: string;
  readonly role: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

export interface Invited {
  readonly userUuid: string;
  readonly email: string;
  readonly role: Role;
  /** Null: they have an account already and may come in at once. */
  readonly link: MadeLink | null;
}

export interface OpenInvitation {
  readonly uuid: string;
  readonly userUuid: string;
  readonly email: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** Asking people into an organisation. Their account is made at once; the link lets them choose its password. */
export function createInvitations(
  store: Store,
  audit: Audit,
  links: ReturnType<typeof createLinks>,
  now: () => Date,
) {
  /**
   * Makes the account where there is none. An account that never was anybody's but this organisation's invitation gets
   * a new link; any other joins without one, for a link opens an account. Throws `conflict` for a member.
   */
  const invite = async (input: Invite, actor: Actor): Promise<Invited> => {
    const { organisationUuid, firstName = '', lastName = '' } = input;
    const role = readRole(input.role);
    const row = await prepareUser(
      { email: input.email, password: null, firstName, lastName },
      false,
      now(),
    );
    return store.transaction(async (trx) => {
      const known = await trx
        .selectFrom('users')
        .select(['uuid', 'is_machine', 'disabled_at'])
        .where('email', '=', row.email)
        .executeTakeFirst();
      if (known === undefined) await insertUser(trx, audit, row, actor);
      const userUuid = known?.uuid ?? row.uuid;
      const isOpen = known === undefined || (await isOnlyInvited(trx, userUuid, organisationUuid));
      if (known !== undefined && !isOpen) await mayJoin(trx, known, organisationUuid);
      await putMember(trx, { organisationUuid, userUuid, role }, now());
      const link = isOpen
        ? await links.make(trx, { userUuid, kind: 'invitation', organisationUuid }, actor)
        : null;
      await audit.record(trx, {
        ...{ actor, action: 'member.invite', target: `organisation:${organisationUuid}` },
        details: { user: userUuid, email: row.email, role, link: link !== null },
      });
      return { userUuid, email: row.email, role, link };
    });
  };

  /** Those that were not accepted, expired ones too, the newest first. */
  const list = async (organisationUuid: string): Promise<OpenInvitation[]> => {
    const rows = await store.db
      .selectFrom('account_links as l')
      .innerJoin('users as u', 'u.uuid', 'l.user_uuid')
      .innerJoin('memberships as m', (join) =>
        join
          .onRef('m.user_uuid', '=', 'l.user_uuid')
          .onRef('m.organisation_uuid', '=', 'l.organisation_uuid'),
      )
      .select(['l.uuid', 'l.user_uuid', 'u.email', 'm.role'])
      .select(['l.created_by', 'l.created_at', 'l.expires_at'])
      .where('l.organisation_uuid', '=', organisationUuid)
      .where('l.kind', '=', 'invitation')
      .where('l.used_at', 'is', null)
      .where('l.revoked_at', 'is', null)
      .orderBy('l.created_at', 'desc')
      .execute();
    return rows.map((row) => ({
      uuid: row.uuid,
      userUuid: row.user_uuid,
      email: row.email,
      role: row.role,
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    }));
  };

  /** Ends the link and the membership that waited for it; the account stays, and nothing opens it. */
  const withdraw = (organisationUuid: string, uuid: string, actor: Actor): Promise<void> =>
    store.transaction(async (trx) => {
      const link = await trx
        .selectFrom('account_links')
        .select('user_uuid')
        .where('uuid', '=', uuid)
        .where('organisation_uuid', '=', organisationUuid)
        .where('used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (link === undefined) {
        throw new SluiceError('not_found', 'There is no such invitation, or it was accepted.');
      }
      await revokeAll(trx, link.user_uuid, now());
      await trx
        .deleteFrom('memberships')
        .where('organisation_uuid', '=', organisationUuid)
        .where('user_uuid', '=', link.user_uuid)
        .execute();
      await audit.record(trx, {
        ...{ actor, action: 'member.withdraw', target: `organisation:${organisationUuid}` },
        details: { user: link.user_uuid },
      });
    });

  return { invite, list, withdraw };
}

/**
 * Whether nobody could ever sign in to it: it came into being by this organisation's invitation, which was not accepted.
 * Or whoever invites could take over the account of somebody who signs in by other means than a password.
 */
async function isOnlyInvited(
  trx: Trx,
  userUuid: string,
  organisationUuid: string,
): Promise<boolean> {
  const row = await trx
    .selectFrom('users as u')
    .select((eb) => [
      'u.uuid',
      eb
        .selectFrom('account_links as l')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('l.user_uuid', '=', 'u.uuid')
        .where('l.kind', '=', 'invitation')
        .where('l.organisation_uuid', '=', organisationUuid)
        .where('l.used_at', 'is', null)
        .as('invited'),
    ])
    .where('u.uuid', '=', userUuid)
    .where('u.password_hash', 'is', null)
    .where('u.is_machine', '=', 0)
    .where('u.is_admin', '=', 0)
    .where('u.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined || Number(row.invited) === 0) return false;
  const ways = ['sessions', 'passkeys', 'oidc_identities', 'access_tokens'] as const;
  for (const table of ways) {
    const used = await trx
      .selectFrom(table)
      .select('user_uuid')
      .where('user_uuid', '=', userUuid)
      .limit(1)
      .executeTakeFirst();
    if (used !== undefined) return false;
  }
  return true;
}

async function mayJoin(
  trx: Trx,
  user: { readonly uuid: string; readonly is_machine: number; readonly disabled_at: string | null },
  organisationUuid: string,
): Promise<void> {
  if (user.disabled_at !== null) {
    throw new SluiceError('conflict', 'The account with this email is disabled.', {
      reason: 'account_disabled',
      remedy: 'Ask an administrator of the installation to enable it.',
    });
  }
  const member = await trx
    .selectFrom('memberships')
    .select('role')
    .where('organisation_uuid', '=', organisationUuid)
    .where('user_uuid', '=', user.uuid)
    .executeTakeFirst();
  if (member === undefined) return;
  throw new SluiceError('conflict', `They are a member already, as ${member.role}.`, {
    reason: 'already_member',
    fields: { email: ['There is a member with this email already.'] },
    remedy: 'Change their role in the list of members.',
  });
}
