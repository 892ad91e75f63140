import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Store, Trx } from '../../store/index.ts';
import type { SessionRow } from '../../store/schema/sessions.ts';
import type { Audit } from '../audit.ts';
import { identityOf } from '../identity.ts';
import type { KnownUser } from '../password-check.ts';
import type { Actor, Identity } from '../types.ts';
import type { Browser, OpenedSession, Session, SignInMethod } from './types.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A browser that is not used for so long is signed out. */
const IDLE_MS = 14 * DAY_MS;
/** However much it is used, one signs in again after so long. */
const ABSOLUTE_MS = 90 * DAY_MS;
/** So long after a sign-in one may change how one signs in. */
const FRESH_MS = 30 * 60_000;
const LAST_SEEN_RESOLUTION_MS = 60_000;
const MAX_USER_AGENT = 300;

/** What a session's cookie says: 256 bits that mean nothing. */
const SESSION_TOKEN = /^[\w-]{43}$/;

/** Browsers that are signed in. */
export function createSessions(store: Store, audit: Audit, now: () => Date) {
  /**
   * Signs a browser in, in the caller's transaction. The secret is always a new one and the browser's former session
   * ends: who planted a cookie before gains nothing.
   */
  const open = async (
    trx: Trx,
    user: KnownUser,
    method: SignInMethod,
    browser: Browser,
  ): Promise<OpenedSession> => {
    const at = now();
    const token = randomBytes(32).toString('base64url');
    const row: SessionRow = {
      uuid: randomUUID(),
      user_uuid: user.uuid,
      token_hash: hashOf(token),
      method,
      user_agent: browser.userAgent.replace(/\p{C}/gu, '').slice(0, MAX_USER_AGENT),
      address: browser.address,
      created_at: at.toISOString(),
      last_seen_at: at.toISOString(),
      expires_at: expiry(at, at),
    };
    if (browser.token !== null) {
      await trx.deleteFrom('sessions').where('token_hash', '=', hashOf(browser.token)).execute();
    }
    // Also those of people who never came back: nothing else would take them away.
    await trx.deleteFrom('sessions').where('expires_at', '<=', at.toISOString()).execute();
    await trx.insertInto('sessions').values(row).execute();
    await audit.record(trx, {
      actor: user.email,
      action: 'session.create',
      target: `user:${user.uuid}`,
      details: { session: row.uuid, method, address: browser.address },
    });
    return { token, session: toSession(row) };
  };

  /** Whose session this is, and moves its end; null when it ended, expired, or its user may not sign in any more. */
  const find = async (token: string): Promise<{ identity: Identity; session: Session } | null> => {
    if (!SESSION_TOKEN.test(token)) return null;
    const at = now();
    const row = await store.db
      .selectFrom('sessions as s')
      .innerJoin('users as u', 'u.uuid', 's.user_uuid')
      .selectAll('s')
      .select(['u.email', 'u.is_admin'])
      .where('s.token_hash', '=', hashOf(token))
      .where('s.expires_at', '>', at.toISOString())
      .where('u.disabled_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { email, is_admin, ...session } = row;
    const user = { uuid: row.user_uuid, email, isMachine: false, isAdmin: is_admin === 1 };
    return { identity: identityOf(user), session: toSession(await touch(session, at)) };
  };

  /** Once a minute at most, for each is a durable write. */
  const touch = async (row: SessionRow, at: Date): Promise<SessionRow> => {
    if (at.getTime() - Date.parse(row.last_seen_at) < LAST_SEEN_RESOLUTION_MS) return row;
    const change = {
      last_seen_at: at.toISOString(),
      expires_at: expiry(at, new Date(row.created_at)),
    };
    await store.db
      .updateTable('sessions')
      .set(change)
      .where('uuid', '=', row.uuid)
      .execute()
      // A full disk must not keep people from reading.
      .catch(() => undefined);
    return { ...row, ...change };
  };

  /** Those that have not expired, the last used first. */
  const list = async (userUuid: string): Promise<Session[]> => {
    const rows = await store.db
      .selectFrom('sessions')
      .selectAll()
      .where('user_uuid', '=', userUuid)
      .where('expires_at', '>', now().toISOString())
      .orderBy('last_seen_at', 'desc')
      .orderBy('uuid')
      .execute();
    return rows.map(toSession);
  };

  /** Takes effect with that browser's next request. Throws `not_found` for a session that is not this person's. */
  const end = (uuid: string, userUuid: string, actor: Actor): Promise<void> =>
    store.transaction(async (trx) => {
      const { numDeletedRows } = await trx
        .deleteFrom('sessions')
        .where('uuid', '=', uuid)
        .where('user_uuid', '=', userUuid)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new SluiceError('not_found', 'There is no such session.');
      await audit.record(trx, {
        actor,
        action: 'session.end',
        target: `user:${userUuid}`,
        details: { session: uuid },
      });
    });

  const isFresh = (session: Session): boolean =>
    now().getTime() - Date.parse(session.createdAt) < FRESH_MS;

  return { open, find, list, end, isFresh };
}

export type Sessions = ReturnType<typeof createSessions>;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const expiry = (seen: Date, created: Date): string =>
  new Date(Math.min(seen.getTime() + IDLE_MS, created.getTime() + ABSOLUTE_MS)).toISOString();

const toSession = (row: SessionRow): Session => ({
  uuid: row.uuid,
  userUuid: row.user_uuid,
  method: row.method,
  userAgent: row.user_agent,
  address: row.address,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  expiresAt: row.expires_at,
});
