import type { AuditEntry, AuditVerdict, ListOf } from '@sluice/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** As the server takes them; empty texts do not limit. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
  readonly text?: string;
}

const PAGE_SIZE = 50;

/** Page after page by sequence number: what is added meanwhile moves nothing. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: keys.people('audit', JSON.stringify(filter)),
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) =>
      api.send<ListOf<AuditEntry>>('GET', '/iam/v3/audit-log/', {
        query: { ...filter, page_size: PAGE_SIZE, before: pageParam ?? undefined },
      }),
    getNextPageParam: (page) =>
      page.next === null ? null : (page.results.at(-1)?.sequence ?? null),
  });

export const auditVerdictQuery = queryOptions({
  queryKey: keys.system('audit-verdict'),
  queryFn: () => api.send<AuditVerdict>('GET', '/iam/v3/audit-log/verify/'),
});

/** Where the browser downloads the entries that a filter leaves. */
export function exportAddress(filter: AuditFilter, format: 'csv' | 'jsonl'): string {
  const query = new URLSearchParams({ ...filter, format });
  return `/iam/v3/audit-log/export/?${query}`;
}
