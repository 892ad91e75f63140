import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

/** The head of a page: where one is, what it is, and what can be done with it. */
export function PageHeader({
  title,
  trail,
  meta,
  actions,
}: {
  title: ReactNode;
  /** Links up, from the top. */
  trail?: ReactNode;
  meta?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0">
        {trail && <div className="mb-1 flex flex-wrap gap-1.5 text-sm text-muted">{trail}</div>}
        <h1 className="text-xl font-semibold break-words">{title}</h1>
        {meta && (
          <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
            {meta}
          </div>
        )}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}

/** A titled part of a page. */
export function Section({
  title,
  actions,
  children,
  className,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const heading = useId();
  return (
    <section
      aria-labelledby={heading}
      className={classes('mb-5 rounded-lg border border-line bg-surface', className)}
    >
      <div className="flex min-h-12 flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2">
        <h2 id={heading} className="text-sm font-semibold">
          {title}
        </h2>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      <div className="p-4">{children}</div>
    </section>
  );
}

const TAB =
  'inline-flex min-h-10 items-center whitespace-nowrap border-b-2 border-transparent px-3 text-sm text-muted no-underline hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink';

/** Links to the parts of one thing; the one that is shown says so to those who hear the page, too. */
export function TabLinks({
  label,
  tabs,
}: {
  label: string;
  tabs: readonly (LinkProps & { text: string })[];
}) {
  return (
    <nav aria-label={label} className="fade-x mb-5 overflow-x-auto border-b border-line">
      <ul className="flex">
        {tabs.map(({ text, ...link }) => (
          <li key={text}>
            <Link
              {...link}
              activeOptions={{ exact: true }}
              activeProps={{ 'aria-current': 'page' }}
              className={TAB}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Names and values side by side. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-5 gap-y-1.5 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
