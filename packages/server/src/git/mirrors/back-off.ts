const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;
const SPREAD = 0.25;

export interface NextFetch {
  /** Fetches that failed in a row, this one included; 0 after a success. */
  readonly failures: number;
  /** The setting; 0: no schedule. */
  readonly pollMs: number;
  readonly now: number;
  /** From 0 to 1, so that mirrors do not all come at once. */
  readonly random: number;
}

/** Far enough away to mean never, and still a number that a row can hold. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * When a mirror is to be looked at next, in milliseconds since 1970: after a success in one poll, give or take a
 * quarter; after failures in 5, 10, 20 ... seconds up to an hour, beginning with less where polls are closer. Pure.
 */
export function nextFetchAt({ failures, pollMs, now, random }: NextFetch): number {
  if (pollMs === 0 && failures === 0) return NEVER;
  const first = pollMs === 0 ? FIRST_MS : Math.min(FIRST_MS, pollMs);
  const backOff = Math.min(LONGEST_MS, first * 2 ** Math.min(failures - 1, 20));
  const wait = failures === 0 ? pollMs : backOff;
  return Math.round(now + wait * (1 - SPREAD + 2 * SPREAD * random));
}
