/** A preview that exists, for the question which of them makes room. */
export interface Standing {
  readonly environmentUuid: string;
  /** ISO 8601, of the newest push that it shows. */
  readonly updatedAt: string;
}

const DAY_MS = 24 * 60 * 60_000;

/** Nobody is looking at a preview that nobody pushed to for so long. */
const IDLE_MS = DAY_MS;

/**
 * Pure: how a further preview finds room. `remove` names the one that goes for it: the one that was idle the longest;
 * `refuse`: all of them are in use.
 */
export function makeRoom(
  standing: readonly Standing[],
  limit: number,
  now: number,
):
  | { readonly kind: 'room' }
  | { readonly kind: 'remove'; readonly which: Standing }
  | { readonly kind: 'refuse' } {
  if (standing.length < limit) return { kind: 'room' };
  const [oldest] = [...standing].sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
  if (oldest !== undefined && now - Date.parse(oldest.updatedAt) >= IDLE_MS) {
    return { kind: 'remove', which: oldest };
  }
  return { kind: 'refuse' };
}

/** Pure: whether nobody pushed to it for so many days. */
export function isExpired(preview: Standing, days: number, now: number): boolean {
  return now - Date.parse(preview.updatedAt) >= days * DAY_MS;
}
