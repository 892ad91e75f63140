import type { Store } from '../store/index.ts';
import { createLimiter } from './limiter.ts';
import { verifyPassword } from './passwords.ts';

const QUARTER_HOUR_MS = 15 * 60_000;

/** Whose password it was. */
export interface KnownUser {
  readonly uuid: string;
  readonly email: string;
  readonly isMachine: boolean;
  readonly isAdmin: boolean;
}

/** Answers whose email and password these are, or null. Throws `rate_limited`. `source` is the caller's address. */
export type PasswordCheck = (
  email: string,
  password: string,
  source: string,
) => Promise<KnownUser | null>;

/**
 * A password is limited by account and address together (nobody is locked out by a stranger elsewhere), by address,
 * and loosely by account. An account that does not exist counts, costs and answers the same as one that does.
 */
export function createPasswordCheck(store: Store, now: () => Date): PasswordCheck {
  const byPair = createLimiter({ limit: 20, windowMs: QUARTER_HOUR_MS }, now);
  const bySource = createLimiter({ limit: 60, windowMs: QUARTER_HOUR_MS }, now);
  const byAccount = createLimiter({ limit: 200, windowMs: QUARTER_HOUR_MS }, now);

  return async (text, password, source) => {
    const email = text.trim().toLowerCase();
    const pair = `${source} ${email}`;
    byPair.check(pair);
    bySource.check(source);
    byAccount.check(email);
    // Counted before the slow check, or a thousand attempts at once would all pass the limit.
    byPair.fail(pair);
    bySource.fail(source);
    byAccount.fail(email);
    const user = await byPassword(store, email, password);
    if (user !== null) {
      byPair.forgive(pair);
      bySource.forgive(source);
      byAccount.forgive(email);
    }
    return user;
  };
}

async function byPassword(
  store: Store,
  email: string,
  password: string,
): Promise<KnownUser | null> {
  const row = await store.db
    .selectFrom('users')
    .select(['uuid', 'email', 'password_hash', 'is_machine', 'is_admin', 'disabled_at'])
    .where('email', '=', email)
    .executeTakeFirst();
  const usable = row !== undefined && row.disabled_at === null ? row.password_hash : null;
  if (!(await verifyPassword(password, usable)) || row === undefined) return null;
  const { uuid, is_machine, is_admin } = row;
  return { uuid, email: row.email, isMachine: is_machine === 1, isAdmin: is_admin === 1 };
}
