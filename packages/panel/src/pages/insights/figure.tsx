import type { ReactNode } from 'react';
import { Section } from '../../ui/layout.tsx';

/** A measure: its number in large, how it was before, and its chart. */
export function Figure({
  title,
  value,
  trend,
  children,
}: {
  title: string;
  value: ReactNode;
  trend: string | null;
  children: ReactNode;
}) {
  return (
    <Section title={title} className="min-w-0">
      <div className="mb-3 flex flex-wrap items-baseline gap-x-3">
        <p className="text-2xl font-semibold tabular-nums">{value}</p>
        {trend !== null && <p className="text-sm text-muted">{trend}</p>}
      </div>
      {children}
    </Section>
  );
}
