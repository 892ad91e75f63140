import { SluiceError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import { identityOf } from './identity.ts';
import type { PasswordCheck } from './password-check.ts';
import { hasSecondFactor } from './sessions/rows.ts';
import { hashToken, looksLikeToken } from './token-text.ts';
import type { Credential, Identity, Scope } from './types.ts';

const MAX_CANDIDATES = 4;
const LAST_USE_RESOLUTION_MS = 60_000;

/**
 * Decides who is asking outside a browser. A person with a second factor cannot give it with HTTP Basic, so their
 * password alone opens nothing there.
 */
export function createAuthenticate(store: Store, checkPassword: PasswordCheck, now: () => Date) {
  /** `source` is the caller's address. Answers null for a wrong credential; throws `rate_limited` and `forbidden`. */
  return async (credential: Credential, source = 'local'): Promise<Identity | null> => {
    if (credential.kind === 'token') {
      for (const candidate of credential.candidates.slice(0, MAX_CANDIDATES)) {
        if (!looksLikeToken(candidate)) continue;
        const identity = await byToken(store, candidate, now());
        if (identity !== null) return identity;
      }
      return null;
    }
    const user = await checkPassword(credential.email, credential.password, source);
    if (user === null) return null;
    if (await hasSecondFactor(store.db, user.uuid)) {
      throw new SluiceError(
        'forbidden',
        'This account has a second factor, so its password is not enough here. Make an access token in the panel ' +
          '(Account, Access tokens) and use it in the place of the password.',
        { reason: 'token_required' },
      );
    }
    return identityOf(user);
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
