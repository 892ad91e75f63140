import type { ReactNode } from 'react';
import { Section } from '../../ui/layout.tsx';

/** A measure: its number in large, how it was before, and its chart. */
export function Figure({
  title,
  value,
  none = '',
  note,
  trend,
  children,
}: {
  title: string;
  /** Null: there is nothing to show. */
  value: ReactNode;
  /** What is said then. */
  none?: string;
  /** What must be known before the number. */
  note?: ReactNode;
  trend: string | null;
  children: ReactNode;
}) {
  return (
    <Section title={title} className="min-w-0">
      {note && <div className="mb-3">{note}</div>}
      {value === null ? (
        <p className="text-sm text-muted">{none}</p>
      ) : (
        <>
          <div className="mb-3 flex flex-wrap items-baseline gap-x-3">
            <p className="text-2xl font-semibold tabular-nums">{value}</p>
            {trend !== null && <p className="text-sm text-muted">{trend}</p>}
          </div>
          {children}
        </>
      )}
    </Section>
  );
}
