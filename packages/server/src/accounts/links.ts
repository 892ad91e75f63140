import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Database, Store, Trx } from '../store/index.ts';
import type { AccountLinkRow } from '../store/schema/accounts.ts';
import type { Audit } from './audit.ts';
import { createLimiter } from './limiter.ts';
import { readName } from './names.ts';
import { hashPassword } from './passwords.ts';
import { endSessionsOf } from './sessions/rows.ts';
import { hashToken, looksLikeToken, newToken } from './token-text.ts';
import type { Actor } from './types.ts';

const QUARTER_HOUR_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** An invitation may lie in an inbox for a while; who reset a password waits for it. */
const LIFE_MS: Readonly<Record<AccountLinkRow['kind'], number>> = {
  invitation: 7 * DAY_MS,
  password: DAY_MS,
};

/** A link as its maker sees it; `token` is shown this once. */
export interface MadeLink {
  readonly uuid: string;
  readonly token: string;
  readonly expiresAt: string;
}

/** A link as who holds it sees it. */
export interface OpenLink {
  readonly kind: AccountLinkRow['kind'];
  readonly userUuid: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly organisation: string | null;
  readonly expiresAt: string;
}

export interface Chosen {
  readonly password: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

/**
 * Links by which one person chooses the password of their account: handed over by whoever made them, since no mail is
 * sure to be sent. Each works once, until it expires or a newer one is made; only its hash is kept.
 */
export function createLinks(store: Store, audit: Audit, now: () => Date) {
  const bySource = createLimiter({ limit: 30, windowMs: QUARTER_HOUR_MS }, now);

  /** Ends the earlier links of that user and makes one; in the caller's transaction. */
  const make = async (
    trx: Trx,
    about: {
      readonly userUuid: string;
      readonly kind: AccountLinkRow['kind'];
      readonly organisationUuid: string | null;
    },
    actor: Actor,
  ): Promise<MadeLink> => {
    const at = now();
    const token = newToken('sli_');
    await revokeAll(trx, about.userUuid, at);
    const row: AccountLinkRow = {
      uuid: randomUUID(),
      token_hash: hashToken(token),
      user_uuid: about.userUuid,
      kind: about.kind,
      organisation_uuid: about.organisationUuid,
      created_by: actor,
      created_at: at.toISOString(),
      expires_at: new Date(at.getTime() + LIFE_MS[about.kind]).toISOString(),
      used_at: null,
      revoked_at: null,
    };
    await trx.insertInto('account_links').values(row).execute();
    return { uuid: row.uuid, token, expiresAt: row.expires_at };
  };

  /** For a person who cannot sign in: what opened the account before goes on doing so until the link is used. */
  const makePasswordLink = (userUuid: string, actor: Actor): Promise<MadeLink> =>
    store.transaction(async (trx) => {
      const user = await trx
        .selectFrom('users')
        .select(['is_machine', 'disabled_at'])
        .where('uuid', '=', userUuid)
        .executeTakeFirst();
      if (user === undefined) throw new SluiceError('not_found', 'There is no such user.');
      if (user.is_machine === 1) {
        throw new SluiceError('conflict', 'A machine user has no password.', {
          remedy: 'Make an access token for it.',
        });
      }
      if (user.disabled_at !== null) {
        throw new SluiceError('conflict', 'The account is disabled.', {
          remedy: 'Enable it first.',
        });
      }
      const link = await make(trx, { userUuid, kind: 'password', organisationUuid: null }, actor);
      await audit.record(trx, {
        ...{ actor, action: 'user.password_link', target: `user:${userUuid}` },
        details: { expires_at: link.expiresAt },
      });
      return link;
    });

  const find = async (db: Kysely<Database>, token: string): Promise<OpenLink | null> => {
    if (!looksLikeToken(token)) return null;
    const row = await db
      .selectFrom('account_links as l')
      .innerJoin('users as u', 'u.uuid', 'l.user_uuid')
      .leftJoin('organisations as o', 'o.uuid', 'l.organisation_uuid')
      .select(['l.kind', 'l.user_uuid', 'l.expires_at', 'o.name as organisation'])
      .select(['u.email', 'u.first_name', 'u.last_name'])
      .where('l.token_hash', '=', hashToken(token))
      .where('l.used_at', 'is', null)
      .where('l.revoked_at', 'is', null)
      .where('l.expires_at', '>', now().toISOString())
      .where('u.disabled_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return null;
    return {
      kind: row.kind,
      userUuid: row.user_uuid,
      email: row.email,
      firstName: row.first_name,
      lastName: row.last_name,
      organisation: row.organisation,
      expiresAt: row.expires_at,
    };
  };

  /** Looking does not use it up. Throws `not_found` for a link that is not open, `rate_limited` for too many of them. */
  const look = async (token: string, source: string): Promise<OpenLink> => {
    bySource.check(source);
    const link = await find(store.db, token);
    if (link !== null) return link;
    bySource.fail(source);
    throw gone();
  };

  /** Uses the link up and sets the password, both or neither. Answers the email to sign in with. */
  const redeem = async (token: string, chosen: Chosen, source: string): Promise<string> => {
    await look(token, source);
    const hash = await hashPassword(chosen.password);
    return store.transaction(async (trx) => {
      const link = await find(trx, token);
      if (link === null) throw gone();
      const at = now().toISOString();
      const { firstName, lastName } = chosen;
      await trx
        .updateTable('account_links')
        .set({ used_at: at })
        .where('token_hash', '=', hashToken(token))
        .execute();
      await trx
        .updateTable('users')
        .set({
          password_hash: hash,
          ...(firstName === undefined ? {} : { first_name: readName('first_name', firstName) }),
          ...(lastName === undefined ? {} : { last_name: readName('last_name', lastName) }),
        })
        .where('uuid', '=', link.userUuid)
        .execute();
      // Who reset a password may do so because someone else knew it.
      const ended = await endSessionsOf(trx, link.userUuid, null);
      await trx
        .updateTable('access_tokens')
        .set({ revoked_at: at })
        .where('user_uuid', '=', link.userUuid)
        .where('revoked_at', 'is', null)
        .execute();
      await audit.record(trx, {
        ...{ actor: link.email, action: 'user.choose_password', target: `user:${link.userUuid}` },
        details: { by: link.kind, ended_sessions: ended },
      });
      return link.email;
    });
  };

  return { make, makePasswordLink, look, redeem };
}

export async function revokeAll(trx: Trx, userUuid: string, at: Date): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('account_links')
    .set({ revoked_at: at.toISOString() })
    .where('user_uuid', '=', userUuid)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

const gone = (): SluiceError =>
  new SluiceError('not_found', 'This link is not valid any more.', {
    reason: 'link_gone',
    remedy: 'It was used, it expired, or a newer one was made. Ask whoever sent it for another.',
  });
