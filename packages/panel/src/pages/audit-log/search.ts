import type { AuditFilter } from '../../api/audit.ts';

/** What stands behind the `?`: texts as they were typed, dates as `2026-11-23` of the reader's calendar. */
export interface AuditSearch {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly text?: string;
}

export const FIELDS = ['text', 'actor', 'action', 'target', 'since', 'until'] as const;

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = search[field];
      // The router reads digits as a number.
      const text = typeof value === 'number' ? String(value) : value;
      return typeof text === 'string' && text !== '' ? [[field, text]] : [];
    }),
  );
}

/** Days begin and end where the reader is. */
export function toFilter({ since, until, ...rest }: AuditSearch): AuditFilter {
  return {
    ...rest,
    ...midnight('since', since, 0),
    ...midnight('until', until, 1),
  };
}

function midnight(field: string, date: string | undefined, daysLater: number) {
  const [year, month, day] = (date ?? '').split('-').map(Number);
  if (year === undefined || month === undefined || day === undefined) return {};
  const at = new Date(year, month - 1, day + daysLater);
  return Number.isFinite(at.getTime()) ? { [field]: at.toISOString() } : {};
}
