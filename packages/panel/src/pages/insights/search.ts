export const PERIODS = [7, 30, 90] as const;
export const DEFAULT_DAYS = 30;

export interface InsightsSearch {
  /** Slug of an environment; absent for the server's choice. */
  readonly environment?: string;
  readonly days?: number;
}

/** What stands behind the `?` of the page; what makes no sense is left out. */
export function insightsSearch(search: Record<string, unknown>): InsightsSearch {
  const { environment, days } = search;
  return {
    ...(typeof environment === 'string' ? { environment } : {}),
    ...(PERIODS.some((period) => period === days) ? { days: Number(days) } : {}),
  };
}
