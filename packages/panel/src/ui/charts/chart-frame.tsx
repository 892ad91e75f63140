import { type ReactNode, useId } from 'react';

export const HEIGHT = 180;
export const MARGIN = { top: 10, right: 20, bottom: 24, left: 52 };

/** What stands around a chart: its title, what it shows in a sentence, and the value under the pointer or the focus. */
export function ChartFrame({
  title,
  isTitled = false,
  description,
  pointed,
  children,
  table,
}: {
  title: string;
  /** What stands above says the title already, to those who see it. */
  isTitled?: boolean;
  description: string;
  pointed: string | null;
  /** The drawing; it is described by the element of that id. */
  children: (describedBy: string) => ReactNode;
  table: ReactNode;
}) {
  const id = useId();
  return (
    <figure className="flex min-w-0 flex-col gap-1">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <span className={isTitled ? 'sr-only' : 'font-medium'}>{title}</span>
        {/* Who hears the page is told by the mark that has the focus. */}
        <span aria-hidden className="min-h-5 text-muted tabular-nums">
          {pointed}
        </span>
      </figcaption>
      <p id={id} className="max-w-prose text-xs text-muted">
        {description}
      </p>
      {children(id)}
      {table}
    </figure>
  );
}

/** Lines across with their values. */
export function Grid({
  ticks,
  y,
  width,
  format,
}: {
  ticks: readonly number[];
  y: (value: number) => number;
  width: number;
  format: (value: number) => string;
}) {
  return ticks.map((tick) => (
    <g key={tick} aria-hidden>
      <line
        x1={MARGIN.left}
        x2={width - MARGIN.right}
        y1={y(tick)}
        y2={y(tick)}
        stroke="var(--c-line)"
      />
      <text
        x={MARGIN.left - 8}
        y={y(tick)}
        dy="0.32em"
        textAnchor="end"
        className="fill-muted text-[11px] tabular-nums"
      >
        {format(tick)}
      </text>
    </g>
  ));
}
