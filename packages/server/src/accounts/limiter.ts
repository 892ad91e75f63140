import { SluiceError } from '../errors.ts';

/** At most `limit` failures for one key within `windowMs`. */
export interface Limit {
  readonly limit: number;
  readonly windowMs: number;
}

export interface Limiter {
  /** Throws `rate_limited` when the key has used up its failures. */
  check(key: string): void;
  fail(key: string): void;
  /** Takes one failure back, not all: signing in to one's own account between guesses must not reset the count. */
  forgive(key: string): void;
}

const MAX_KEYS = 50_000;

/** Counts in memory: a restart forgives, and an attacker cannot fill the database. */
export function createLimiter({ limit, windowMs }: Limit, now: () => Date): Limiter {
  const failures = new Map<string, { count: number; until: number }>();

  const current = (key: string) => {
    const entry = failures.get(key);
    if (entry === undefined || entry.until > now().getTime()) return entry;
    failures.delete(key);
    return undefined;
  };

  const makeRoom = () => {
    if (failures.size < MAX_KEYS) return;
    for (const [key, entry] of failures) {
      if (entry.until <= now().getTime()) failures.delete(key);
    }
    // Maps keep the order of insertion: the oldest goes.
    for (const key of failures.keys()) {
      if (failures.size < MAX_KEYS) break;
      failures.delete(key);
    }
  };

  return {
    check: (key) => {
      const entry = current(key);
      if (entry === undefined || entry.count < limit) return;
      const minutes = Math.max(1, Math.ceil((entry.until - now().getTime()) / 60_000));
      throw new SluiceError('rate_limited', 'Too many attempts to sign in.', {
        remedy: `Wait ${minutes} minute${minutes === 1 ? '' : 's'}.`,
      });
    },
    fail: (key) => {
      const entry = current(key);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      makeRoom();
      failures.set(key, { count: 1, until: now().getTime() + windowMs });
    },
    forgive: (key) => {
      const entry = failures.get(key);
      if (entry === undefined) return;
      if (entry.count > 1) entry.count -= 1;
      else failures.delete(key);
    },
  };
}
