import type { Insights } from '@sluice/contract';
import { percentWords, spanWords, insightsText as text } from '../../text/insights.ts';
import { DayChart } from '../../ui/charts/day-chart.tsx';
import { countTicks, durationTicks, shortDuration } from '../../ui/charts/duration-ticks.ts';
import { Note } from '../../ui/notes.tsx';
import { Time } from '../../ui/time.tsx';
import { Figure } from './figure.tsx';

const shareTicks = () => [0, 0.25, 0.5, 0.75, 1];

/** The four measures of DORA. */
export function DeliveryFigures({ insights }: { insights: Insights }) {
  const { deployment_frequency, lead_time, change_failure_rate, time_to_restore } = insights;
  const { previous } = insights;
  return (
    <div className="grid gap-x-5 lg:grid-cols-2">
      <Figure
        title={text.frequency}
        value={text.frequencyValue(deployment_frequency.total)}
        trend={text.frequencyTrend(deployment_frequency.total, previous.deployments)}
      >
        <DayChart
          title={text.frequency}
          isTitled
          description={text.frequencyText}
          kind="bars"
          days={deployment_frequency.series}
          format={String}
          ticks={countTicks}
        />
      </Figure>
      <Figure
        title={text.lead}
        value={lead_time.median === null ? null : spanWords(lead_time.median)}
        none={text.leadNone}
        trend={text.slower(lead_time.median, previous.lead_time)}
      >
        <DayChart
          title={text.lead}
          isTitled
          description={text.leadText}
          kind="line"
          days={lead_time.series}
          format={spanWords}
          ticks={durationTicks}
          tick={shortDuration}
          marks={lead_time.p90 === null ? [] : [{ label: text.p90, value: lead_time.p90 }]}
        />
      </Figure>
      <Figure
        title={text.failure}
        value={
          change_failure_rate.rate === null
            ? null
            : `${percentWords(change_failure_rate.rate)} (${text.failureOf(change_failure_rate.failures, change_failure_rate.changes)})`
        }
        none={text.failureNone}
        trend={text.failureTrend(change_failure_rate.rate, previous.change_failure_rate)}
      >
        <DayChart
          title={text.failure}
          isTitled
          description={text.failureText}
          kind="bars"
          tone="bad"
          days={change_failure_rate.series}
          format={percentWords}
          ticks={shareTicks}
        />
      </Figure>
      <Figure
        title={text.restore}
        value={time_to_restore.median === null ? null : spanWords(time_to_restore.median)}
        none={text.restoreNone}
        note={
          time_to_restore.open_since !== null && (
            <Note tone="warn">
              {text.openSince} <Time at={time_to_restore.open_since} /> {text.openSinceText}
            </Note>
          )
        }
        trend={text.slower(time_to_restore.median, previous.time_to_restore)}
      >
        <DayChart
          title={text.restore}
          isTitled
          description={text.restoreText}
          kind="line"
          tone="bad"
          days={time_to_restore.series}
          format={spanWords}
          ticks={durationTicks}
          tick={shortDuration}
        />
      </Figure>
    </div>
  );
}
