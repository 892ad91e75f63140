import type { Store } from '../store/index.ts';
import { createLimiter } from './limiter.ts';
import { verifyPassword } from './passwords.ts';
import { hashToken, looksLikeToken } from './token-text.ts';
import type { Credential, Identity, Scope } from './types.ts';

const MAX_CANDIDATES = 4;
const LAST_USE_RESOLUTION_MS = 60_000;
const QUARTER_HOUR_MS = 15 * 60_000;

/**
 * Decides who is asking. A password is limited by account and address together (nobody is locked out by a
 * stranger elsewhere), by address, and loosely by account. An account that does not exist counts, costs and
 * answers the same as one that does.
 */
export function createAuthenticate(store: Store, now: () => Date) {
  const byPair = createLimiter({ limit: 20, windowMs: QUARTER_HOUR_MS }, now);
  const bySource = createLimiter({ limit: 60, windowMs: QUARTER_HOUR_MS }, now);
  const byAccount = createLimiter({ limit: 200, windowMs: QUARTER_HOUR_MS }, now);

  /** `source` is the caller's address. Answers null for a wrong credential; throws `rate_limited`. */
  return async (credential: Credential, source = 'local'): Promise<Identity | null> => {
    if (credential.kind === 'token') {
      for (const candidate of credential.candidates.slice(0, MAX_CANDIDATES)) {
        if (!looksLikeToken(candidate)) continue;
        const identity = await byToken(store, candidate, now());
        if (identity !== null) return identity;
      }
      return null;
    }
    const email = credential.email.trim().toLowerCase();
    const pair = `${source} ${email}`;
    byPair.check(pair);
    bySource.check(source);
    byAccount.check(email);
    // Counted before the slow check, or a thousand attempts at once would all pass the limit.
    byPair.fail(pair);
    bySource.fail(source);
    byAccount.fail(email);
    const identity = await byPassword(store, email, credential.password);
    if (identity !== null) {
      byPair.forgive(pair);
      bySource.forgive(source);
      byAccount.forgive(email);
    }
    return identity;
  };
}

async function byToken(store: Store, token: string, now: Date): Promise<Identity | null> {
  const hash = hashToken(token);
  return token.startsWith('slj_') ? byJobToken(store, hash) : byAccessToken(store, hash, now);
}

async function byAccessToken(store: Store, hash: string, now: Date): Promise<Identity | null> {
  const row = await store.db
    .selectFrom('access_tokens as t')
    .innerJoin('users as u', 'u.uuid', 't.user_uuid')
    .select([
      't.uuid as tokenUuid',
      't.scopes',
      't.expires_at',
      't.last_used_at',
      'u.uuid as userUuid',
      'u.email',
      'u.is_machine',
      'u.is_admin',
    ])
    .where('t.token_hash', '=', hash)
    .where('t.revoked_at', 'is', null)
    .where('u.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.expires_at !== null && Date.parse(row.expires_at) <= now.getTime()) return null;
  await noteUse(store, row.tokenUuid, row.last_used_at, now);
  return {
    userUuid: row.userUuid,
    email: row.email,
    isMachine: row.is_machine === 1,
    isAdmin: row.is_admin === 1,
    tokenUuid: row.tokenUuid,
    scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as Scope[]),
    jobId: null,
    repositoryUuid: null,
  };
}

/** Once a minute at most: a polling client would otherwise cost a durable write each time. */
async function noteUse(store: Store, uuid: string, last: string | null, now: Date): Promise<void> {
  if (last !== null && now.getTime() - Date.parse(last) < LAST_USE_RESOLUTION_MS) return;
  await store.db
    .updateTable('access_tokens')
    .set({ last_used_at: now.toISOString() })
    .where('uuid', '=', uuid)
    .execute()
    // A full disk must not keep people from reading.
    .catch(() => undefined);
}

async function byJobToken(store: Store, hash: string): Promise<Identity | null> {
  const row = await store.db
    .selectFrom('job_tokens')
    .select(['job_id', 'repository_uuid'])
    .where('token_hash', '=', hash)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    userUuid: `job:${row.job_id}`,
    email: `job-${row.job_id}@jobs.invalid`,
    isMachine: true,
    isAdmin: false,
    tokenUuid: null,
    scopes: null,
    jobId: row.job_id,
    repositoryUuid: row.repository_uuid,
  };
}

async function byPassword(store: Store, email: string, password: string): Promise<Identity | null> {
  const row = await store.db
    .selectFrom('users')
    .select(['uuid', 'email', 'password_hash', 'is_machine', 'is_admin', 'disabled_at'])
    .where('email', '=', email)
    .executeTakeFirst();
  const usable = row !== undefined && row.disabled_at === null ? row.password_hash : null;
  if (!(await verifyPassword(password, usable)) || row === undefined) return null;
  return {
    userUuid: row.uuid,
    email: row.email,
    isMachine: row.is_machine === 1,
    isAdmin: row.is_admin === 1,
    tokenUuid: null,
    scopes: null,
    jobId: null,
    repositoryUuid: null,
  };
}
