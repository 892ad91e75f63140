import { scaleLinear, scaleTime } from 'd3-scale';
import { area, line } from 'd3-shape';
import { type PointerEvent, useId, useState } from 'react';
import { chartText } from '../../text/charts.ts';
import { exactTime } from '../time.tsx';
import { ChartTable } from './chart-table.tsx';
import { type ChartPoint, inStretches, nearest } from './points.ts';
import { useWidth } from './use-width.ts';

const HEIGHT = 170;
const MARGIN = { top: 10, right: 12, bottom: 24, left: 62 };

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_MS = 24 * 60 * 60_000;

export interface LineChartProps {
  readonly title: string;
  /** Oldest first. */
  readonly points: readonly ChartPoint[];
  /** Seconds between two points: where it is much longer, nothing was measured and the line breaks. */
  readonly step: number;
  /** The span to show, also where there are no points. */
  readonly from: Date;
  readonly to: Date;
  /** A value with its unit, as people read it. */
  readonly format: (value: number) => string;
  /** The scale reaches at least so far, so that a quiet line does not look wild. */
  readonly atLeast: number;
}

/** One value over time, with its numbers as a table for those who do not see it. */
export function LineChart({ title, points, step, from, to, format, atLeast }: LineChartProps) {
  const [box, width] = useWidth<HTMLDivElement>(600);
  const [pointed, setPointed] = useState<ChartPoint | null>(null);
  const gradient = useId();
  const highest = points.reduce((top, { value }) => Math.max(top, value), 0);
  const last = points.at(-1);

  const x = scaleTime([from, to], [MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear([0, Math.max(highest, atLeast)], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(
    4,
  );
  const isLong = to.getTime() - from.getTime() > DAY_MS;
  const stretches = inStretches(points, step);
  const drawLine = line<ChartPoint>(
    (point) => x(point.at),
    (point) => y(point.value),
  );
  const drawArea = area<ChartPoint>(
    (point) => x(point.at),
    y(0),
    (point) => y(point.value),
  );

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setPointed(nearest(points, x.invert(left)));
  };

  const shown = pointed ?? last;
  return (
    <figure ref={box} className="flex min-w-0 flex-col gap-1">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <span className="font-medium">{title}</span>
        <span className="text-muted tabular-nums">
          {shown === undefined
            ? chartText.noPoints
            : pointed === null
              ? chartText.now(format(shown.value), format(highest))
              : `${format(shown.value)} · ${exactTime(shown.at)}`}
        </span>
      </figcaption>
      <svg
        role="img"
        aria-label={
          last === undefined
            ? `${title}: ${chartText.noPoints}`
            : `${title}: ${chartText.now(format(last.value), format(highest))}`
        }
        width={width}
        height={HEIGHT}
        className="block max-w-full touch-pan-y"
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      >
        <defs>
          <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
            <stop offset="0%" stopColor="var(--c-accent)" stopOpacity="0.28" />
            <stop offset="100%" stopColor="var(--c-accent)" stopOpacity="0.02" />
          </linearGradient>
        </defs>
        {y.ticks(4).map((tick) => (
          <g key={tick}>
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
        ))}
        {x.ticks(Math.max(2, Math.floor(width / 110))).map((tick) => (
          <text
            key={tick.getTime()}
            x={x(tick)}
            y={HEIGHT - 6}
            textAnchor="middle"
            className="fill-muted text-[11px]"
          >
            {(isLong ? day : clock).format(tick)}
          </text>
        ))}
        {stretches.map((stretch) => (
          <g key={stretch[0]?.at.getTime()}>
            <path d={drawArea(stretch) ?? ''} fill={`url(#${gradient})`} />
            <path
              d={drawLine(stretch) ?? ''}
              fill="none"
              stroke="var(--c-accent)"
              strokeWidth="1.75"
              strokeLinejoin="round"
              strokeLinecap="round"
            />
          </g>
        ))}
        {pointed !== null && (
          <g>
            <line
              x1={x(pointed.at)}
              x2={x(pointed.at)}
              y1={MARGIN.top}
              y2={HEIGHT - MARGIN.bottom}
              stroke="var(--c-edge)"
            />
            <circle cx={x(pointed.at)} cy={y(pointed.value)} r="3.5" fill="var(--c-accent)" />
          </g>
        )}
      </svg>
      <ChartTable
        caption={title}
        head={[chartText.time, title]}
        rows={points.map(({ at, value }) => [exactTime(at), format(value)])}
      />
    </figure>
  );
}
