/** What is kept of the backups that a schedule made. Null: no limit of that kind. */
export interface Retention {
  readonly count: number | null;
  readonly days: number | null;
}

export interface Kept {
  readonly uuid: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Whether something can be restored from it. */
  readonly isGood: boolean;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * Those that a schedule does not keep any longer. Only good ones count, and the newest good one stays whatever its age: a service
 * whose backups fail must not lose the last that worked. A failed one goes as soon as a newer good one is there.
 */
export function expired(all: readonly Kept[], retention: Retention, now: number): string[] {
  const newestFirst = all.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  let good = 0;
  return newestFirst
    .filter(({ createdAt, isGood }) => {
      if (!isGood) return good > 0;
      good += 1;
      if (good === 1) return false;
      const isTooMany = retention.count !== null && good > retention.count;
      const isTooOld =
        retention.days !== null && now - Date.parse(createdAt) > retention.days * DAY_MS;
      return isTooMany || isTooOld;
    })
    .map(({ uuid }) => uuid);
}
