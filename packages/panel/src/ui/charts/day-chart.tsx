import { scaleBand, scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { useState } from 'react';
import { insightsText as text } from '../../text/insights.ts';
import { ChartFrame, Grid, HEIGHT, MARGIN } from './chart-frame.tsx';
import { ChartTable } from './chart-table.tsx';
import { useRoving } from './roving.ts';
import { useWidth } from './use-width.ts';

/** One value of one UTC date; null where there is none. */
export interface Day {
  readonly date: string;
  readonly value: number | null;
}

export interface DayChartProps {
  readonly title: string;
  /** Whether what stands above the chart says the title. */
  readonly isTitled?: boolean;
  readonly description: string;
  readonly days: readonly Day[];
  /** Bars for counts and shares, a line for times. */
  readonly kind: 'bars' | 'line';
  readonly format: (value: number) => string;
  /** Places of the lines across, up to at least the highest value. */
  readonly ticks: (highest: number) => readonly number[];
  /** Short, for the axis. */
  readonly tick?: (value: number) => string;
  /** Lines across with a name, such as the 90th percentile of all. */
  readonly marks?: readonly { readonly label: string; readonly value: number }[];
  readonly tone?: 'accent' | 'bad';
}

const dayName = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'short', timeZone: 'UTC' },
});
const nameOf = (date: string) => dayName.format(new Date(`${date}T00:00:00Z`));

/** One value a day. The Tab key goes to it once, arrow keys from day to day. */
export function DayChart(props: DayChartProps) {
  const { title, description, days, kind, format, marks = [], tone = 'accent' } = props;
  const [box, width] = useWidth<HTMLDivElement>(480);
  const [pointed, setPointed] = useState<number | null>(null);
  const roving = useRoving(days.length);

  const highest = Math.max(0, ...days.map(({ value }) => value ?? 0), ...marks.map((m) => m.value));
  const ticks = props.ticks(highest);
  const x = scaleBand(
    days.map(({ date }) => date),
    [MARGIN.left, width - MARGIN.right],
  ).padding(0.2);
  const y = scaleLinear([0, ticks.at(-1) ?? 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const middle = (date: string) => (x(date) ?? 0) + x.bandwidth() / 2;
  const color = `var(--c-${tone})`;
  const wordsOf = ({ date, value }: Day) =>
    `${nameOf(date)}: ${value === null ? text.noneThatDay : format(value)}`;
  const shown = pointed === null ? undefined : days[pointed];
  const path = line<Day>(
    ({ date }) => middle(date),
    ({ value }) => y(value ?? 0),
  )(days.filter(({ value }) => value !== null));
  const everyNth = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(width / 70))));

  return (
    <div ref={box} className="min-w-0">
      <ChartFrame
        title={title}
        isTitled={props.isTitled ?? false}
        description={description}
        pointed={shown === undefined ? null : wordsOf(shown)}
        table={
          <ChartTable
            caption={text.numbers(title)}
            head={[text.date, title]}
            rows={days.map(({ date, value }) => [date, value === null ? text.none : format(value)])}
          />
        }
      >
        {(describedBy) => (
          <svg
            ref={roving.svg}
            aria-label={`${title}. ${text.keys}`}
            aria-describedby={describedBy}
            width={width}
            height={HEIGHT}
            className="block max-w-full"
            onKeyDown={roving.onKeyDown}
            onPointerLeave={() => setPointed(null)}
          >
            <Grid ticks={ticks} y={y} width={width} format={props.tick ?? format} />
            {days.map(
              ({ date }, index) =>
                (days.length - 1 - index) % everyNth === 0 && (
                  <text
                    key={date}
                    aria-hidden
                    x={middle(date)}
                    y={HEIGHT - 6}
                    textAnchor="middle"
                    className="fill-muted text-[11px]"
                  >
                    {nameOf(date)}
                  </text>
                ),
            )}
            {kind === 'line' && path !== null && (
              <path d={path} fill="none" stroke={color} strokeWidth="1.75" strokeLinejoin="round" />
            )}
            {marks.map(({ label, value }) => (
              <g key={label} aria-hidden>
                <line
                  x1={MARGIN.left}
                  x2={width - MARGIN.right}
                  y1={y(value)}
                  y2={y(value)}
                  stroke="var(--c-edge)"
                  strokeDasharray="4 3"
                />
                <text
                  x={width - MARGIN.right}
                  y={y(value) - 4}
                  textAnchor="end"
                  className="fill-muted text-[11px]"
                >
                  {`${label} ${format(value)}`}
                </text>
              </g>
            ))}
            {days.map((day, index) => (
              // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a mark has the focus to be read, one by one
              <g
                key={day.date}
                data-mark
                role="img"
                aria-label={wordsOf(day)}
                tabIndex={index === roving.current ? 0 : -1}
                onFocus={() => {
                  roving.setCurrent(index);
                  setPointed(index);
                }}
                onBlur={() => setPointed(null)}
                onPointerEnter={() => setPointed(index)}
                className="outline-offset-0"
              >
                <rect
                  x={x(day.date) ?? 0}
                  y={MARGIN.top}
                  width={x.bandwidth()}
                  height={HEIGHT - MARGIN.top - MARGIN.bottom}
                  fill={index === pointed ? 'var(--c-raised)' : 'transparent'}
                  fillOpacity="0.6"
                />
                {day.value !== null && kind === 'bars' && (
                  <rect
                    x={x(day.date) ?? 0}
                    y={y(day.value)}
                    width={x.bandwidth()}
                    height={Math.max(0, y(0) - y(day.value))}
                    rx={Math.min(2, x.bandwidth() / 4)}
                    fill={color}
                  />
                )}
                {day.value !== null && kind === 'line' && (
                  <circle
                    cx={middle(day.date)}
                    cy={y(day.value)}
                    r={index === pointed ? 4.5 : 3}
                    fill={color}
                  />
                )}
              </g>
            ))}
          </svg>
        )}
      </ChartFrame>
    </div>
  );
}
