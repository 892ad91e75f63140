import type { Usage } from '@sluice/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usageQuery } from '../../api/running.ts';
import { environment as text } from '../../text/running.ts';
import { bytesText, percentText } from '../../text/units.ts';
import { LineChart } from '../../ui/charts/line-chart.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { useNow } from '../../ui/time.tsx';

const MEGABYTE = 1_024 * 1_024;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Processor, memory and restarts over time, summed over the instances. */
export function UsageCharts({ environmentUuid }: { environmentUuid: string }) {
  const [hours, setHours] = useState(1);
  const usage = useQuery({
    ...usageQuery(environmentUuid, hours),
    placeholderData: keepPreviousData,
  });
  return (
    <Section
      title={text.usage}
      actions={
        <SelectField
          label={text.range}
          value={String(hours)}
          onChange={(value) => setHours(Number(value))}
        >
          {Object.entries(text.ranges).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
      }
    >
      <ErrorNote error={usage.error} retry={() => void usage.refetch()} />
      {usage.data === undefined && !usage.isError && <Loading />}
      {usage.data !== undefined && <Charts usage={usage.data} hours={hours} />}
    </Section>
  );
}

/** What began a while ago would be a speck at the edge of a long span: it is shown from where it began. */
function beginning(first: string | undefined, to: Date, hours: number): Date {
  const span = to.getTime() - hours * HOUR_MS;
  if (first === undefined) return new Date(span);
  const atLeastShown = to.getTime() - 10 * MINUTE_MS;
  return new Date(Math.max(span, Math.min(new Date(first).getTime(), atLeastShown)));
}

function Charts({ usage, hours }: { usage: Usage; hours: number }) {
  const to = useNow(15_000);
  const from = beginning(usage.points[0]?.at, to, hours);
  const points = (value: (point: Usage['points'][number]) => number) =>
    usage.points.map((point) => ({ at: new Date(point.at), value: value(point) }));
  const restarts = usage.points.reduce((sum, point) => sum + point.restarts, 0);
  const span = { from, to, step: usage.step };
  return (
    <div className="flex flex-col gap-6">
      <div className="grid gap-6 lg:grid-cols-2">
        <LineChart
          {...span}
          title={text.cpuTitle}
          points={points((point) => point.cpu_percent)}
          format={percentText}
          atLeast={10}
        />
        <LineChart
          {...span}
          title={text.memoryTitle}
          points={points((point) => point.memory_bytes / MEGABYTE)}
          format={(megabytes) => bytesText(megabytes * MEGABYTE)}
          atLeast={64}
        />
      </div>
      {restarts > 0 ? (
        <LineChart
          {...span}
          title={text.restartsTitle}
          points={points((point) => point.restarts)}
          format={(value) => String(Math.round(value * 10) / 10)}
          atLeast={1}
        />
      ) : (
        <p className="text-sm text-muted">{text.noRestarts}</p>
      )}
    </div>
  );
}
