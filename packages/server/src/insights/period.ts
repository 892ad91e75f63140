/** Whole UTC days. Times are milliseconds since 1970. */
export interface Period {
  /** Midnight at the beginning of its first day. */
  readonly from: number;
  /** The end, which itself is outside. */
  readonly to: number;
}

export const DAY_MS = 86_400_000;

/** The last `days` days, today (as far as it has come) included. */
export function periodUntil(now: number, days: number): Period {
  const tomorrow = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
  return { from: tomorrow - days * DAY_MS, to: tomorrow };
}

/** As many days, right before. */
export const before = ({ from, to }: Period): Period => ({ from: from - (to - from), to: from });

export const contains = ({ from, to }: Period, at: number): boolean => at >= from && at < to;

/** `2026-11-23` */
export const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Its dates, oldest first. */
export function datesOf({ from, to }: Period): string[] {
  const dates: string[] = [];
  for (let at = from; at < to; at += DAY_MS) dates.push(dateOf(at));
  return dates;
}
