import type { Insights } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { scaleLinear, scaleTime } from 'd3-scale';
import { useState } from 'react';
import { insightsText as text } from '../../text/insights.ts';
import { stateText } from '../../text/states.ts';
import { durationText, exactTime } from '../time.tsx';
import { ChartFrame, Grid, HEIGHT, MARGIN } from './chart-frame.tsx';
import { ChartTable } from './chart-table.tsx';
import { durationTicks, shortDuration } from './duration-ticks.ts';
import { useRoving } from './roving.ts';
import { useWidth } from './use-width.ts';

type Build = Insights['builds'][number];

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Builds over time by how long they took; each mark is a link. Those that did not pass are squares. */
export function BuildScatter({
  builds,
  from,
  to,
}: {
  /** Oldest first. */
  builds: readonly Build[];
  from: Date;
  to: Date;
}) {
  const [box, width] = useWidth<HTMLDivElement>(900);
  const [pointed, setPointed] = useState<number | null>(null);
  const drawn = builds.filter((build) => build.seconds !== null);
  const roving = useRoving(drawn.length);

  const ticks = durationTicks(Math.max(0, ...drawn.map(({ seconds }) => seconds ?? 0)));
  const x = scaleTime([from, to], [MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear([0, ticks.at(-1) ?? 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const wordsOf = ({ number, state, seconds, at }: Build) =>
    text.build(
      number,
      stateText(state).label,
      durationText((seconds ?? 0) * 1_000),
      exactTime(new Date(at)),
    );
  const shown = pointed === null ? undefined : drawn[pointed];

  return (
    <div ref={box} className="min-w-0">
      <ChartFrame
        title={text.scatter}
        description={text.scatterText}
        pointed={shown === undefined ? null : wordsOf(shown)}
        table={
          <ChartTable
            caption={text.numbers(text.scatter)}
            head={[text.builds, text.buildDuration, text.queue]}
            rows={builds.map((build) => [
              wordsOf(build),
              build.seconds === null ? text.none : durationText(build.seconds * 1_000),
              build.queued_seconds === null
                ? text.none
                : durationText(build.queued_seconds * 1_000),
            ])}
          />
        }
      >
        {(describedBy) => (
          <svg
            ref={roving.svg}
            aria-label={`${text.scatter}. ${text.keys}`}
            aria-describedby={describedBy}
            width={width}
            height={HEIGHT}
            className="block max-w-full"
            onKeyDown={roving.onKeyDown}
            onPointerLeave={() => setPointed(null)}
          >
            <Grid ticks={ticks} y={y} width={width} format={shortDuration} />
            {apart(x.ticks(Math.max(2, Math.floor(width / 110))), x).map((tick) => (
              <text
                key={tick.getTime()}
                aria-hidden
                x={x(tick)}
                y={HEIGHT - 6}
                textAnchor="middle"
                className="fill-muted text-[11px]"
              >
                {day.format(tick)}
              </text>
            ))}
            {drawn.map((build, index) => (
              <Link
                key={build.id}
                data-mark
                to="/builds/$build"
                params={{ build: String(build.id) }}
                aria-label={wordsOf(build)}
                tabIndex={index === roving.current ? 0 : -1}
                onFocus={() => {
                  roving.setCurrent(index);
                  setPointed(index);
                }}
                onBlur={() => setPointed(null)}
                onPointerEnter={() => setPointed(index)}
              >
                <Mark
                  x={x(new Date(build.at))}
                  y={y(build.seconds ?? 0)}
                  size={index === pointed ? 6 : 4}
                  tone={stateText(build.state).tone}
                />
              </Link>
            ))}
          </svg>
        )}
      </ChartFrame>
    </div>
  );
}

/** Without those that would run into the one before: months begin between even steps of days. */
function apart(ticks: readonly Date[], x: (at: Date) => number): Date[] {
  const kept: Date[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    if (last === undefined || x(tick) - x(last) > 50) kept.push(tick);
  }
  return kept;
}

function Mark({ x, y, size, tone }: { x: number; y: number; size: number; tone: string }) {
  const color = `var(--c-${tone})`;
  return tone === 'good' ? (
    <circle cx={x} cy={y} r={size} fill={color} fillOpacity="0.75" />
  ) : (
    <rect x={x - size} y={y - size} width={2 * size} height={2 * size} fill={color} />
  );
}
