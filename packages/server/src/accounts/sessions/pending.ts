/**
 * What a ceremony of two requests must remember in between: challenges, the state of an OIDC round trip. Each is
 * taken once and expires. In memory: a restart costs a second attempt, and a stranger cannot fill the database.
 */
export interface Pending<T> {
  put(key: string, value: T): void;
  /** Answers it once; null when there is none or it is too old. */
  take(key: string): T | null;
}

const MAX_ENTRIES = 20_000;

export function createPending<T>(lifeMs: number, now: () => Date): Pending<T> {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();

  const makeRoom = () => {
    // Maps keep the order of insertion, which here is that of expiry.
    for (const [key, { until }] of entries) {
      if (until > now().getTime() && entries.size < MAX_ENTRIES) break;
      entries.delete(key);
    }
  };

  return {
    put: (key, value) => {
      makeRoom();
      entries.set(key, { value, until: now().getTime() + lifeMs });
    },
    take: (key) => {
      const entry = entries.get(key);
      entries.delete(key);
      return entry === undefined || entry.until <= now().getTime() ? null : entry.value;
    },
  };
}
