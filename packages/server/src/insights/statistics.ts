import { contains, dateOf, datesOf, type Period } from './period.ts';

/** A value and the moment it counts for. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

export interface DayValue {
  readonly date: string;
  readonly value: number | null;
}

/**
 * The value below which the share `p` (0 to 1) of all lies, interpolated linearly between neighbours as spreadsheets do
 * (PERCENTILE.INC); null of nothing.
 */
export function percentile(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * p;
  const lower = sorted[Math.floor(position)] ?? 0;
  const upper = sorted[Math.ceil(position)] ?? lower;
  return lower + (upper - lower) * (position - Math.floor(position));
}

export const median = (values: readonly number[]): number | null => percentile(values, 0.5);

export const within = (samples: readonly Sample[], period: Period): Sample[] =>
  samples.filter(({ at }) => contains(period, at));

export const valuesOf = (samples: readonly Sample[]): number[] => samples.map(({ value }) => value);

/** One value for each day of the period, made from the samples of that day; `of([])` says what an empty day is. */
export function daily(
  samples: readonly Sample[],
  period: Period,
  of: (values: readonly number[]) => number | null,
): DayValue[] {
  const days = new Map<string, number[]>(datesOf(period).map((date) => [date, []]));
  for (const { at, value } of samples) days.get(dateOf(at))?.push(value);
  return [...days].map(([date, values]) => ({ date, value: of(values) }));
}
