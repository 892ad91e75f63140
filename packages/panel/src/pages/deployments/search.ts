/** Groups of statuses (spec/ordering.md 2.5), as people look for them. */
export const STATUSES = {
  going: [
    ...['AWAITING_COMMIT', 'AWAITING_BUILD', 'QUEUED', 'PROVISIONING', 'BUILDING'],
    ...['RELEASING', 'SCALING', 'CHECKING', 'FINALIZING'],
  ],
  succeeded: ['SUCCEEDED'],
  failed: ['FAILED'],
  stopped: ['CANCELLED', 'SUPERSEDED', 'SKIPPED', 'HELD'],
} as const;

export type StatusGroup = keyof typeof STATUSES;

export const isStatusGroup = (text: unknown): text is StatusGroup =>
  typeof text === 'string' && text in STATUSES;

export interface DeploymentsSearch {
  /** Slug of an environment. */
  readonly environment?: string;
  readonly state?: StatusGroup;
  readonly page?: number;
}

/** What stands behind the `?` of the list of deployments; what makes no sense is left out. */
export function deploymentsSearch(search: Record<string, unknown>): DeploymentsSearch {
  const { environment, state, page } = search;
  return {
    ...(typeof environment === 'string' ? { environment } : {}),
    ...(isStatusGroup(state) ? { state } : {}),
    ...(Number.isSafeInteger(page) && Number(page) > 1 ? { page: Number(page) } : {}),
  };
}
