import type { Insights } from '@sluice/contract';
import { spanWords, insightsText as text } from '../../text/insights.ts';
import { BuildScatter } from '../../ui/charts/build-scatter.tsx';
import { DayChart } from '../../ui/charts/day-chart.tsx';
import { durationTicks, shortDuration } from '../../ui/charts/duration-ticks.ts';
import { Section } from '../../ui/layout.tsx';
import { Figure } from './figure.tsx';

/** How long builds take and jobs wait. */
export function BuildFigures({ insights }: { insights: Insights }) {
  const { build_duration, queue_time, previous, builds } = insights;
  const measures = [
    {
      title: text.buildDuration,
      description: text.buildDurationText,
      spread: build_duration,
      before: previous.build_duration,
    },
    {
      title: text.queue,
      description: text.queueText,
      spread: queue_time,
      before: previous.queue_time,
    },
  ];
  return (
    <>
      <div className="grid gap-x-5 lg:grid-cols-2">
        {measures.map(({ title, description, spread, before }) => (
          <Figure
            key={title}
            title={title}
            value={spread.median === null ? null : spanWords(spread.median)}
            none={text.buildNone}
            trend={text.slower(spread.median, before)}
          >
            <DayChart
              title={title}
              isTitled
              description={description}
              kind="line"
              days={spread.series}
              format={spanWords}
              ticks={durationTicks}
              tick={shortDuration}
              marks={spread.p90 === null ? [] : [{ label: text.p90, value: spread.p90 }]}
            />
          </Figure>
        ))}
      </div>
      {builds.length > 0 && (
        <Section title={text.builds}>
          <BuildScatter
            builds={builds}
            from={new Date(`${insights.from}T00:00:00Z`)}
            to={new Date(new Date(`${insights.to}T00:00:00Z`).getTime() + 86_400_000)}
          />
        </Section>
      )}
    </>
  );
}
