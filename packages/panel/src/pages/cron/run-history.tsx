import type { CronJob, CronRun } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cronRunsQuery } from '../../api/cron.ts';
import { cron as text } from '../../text/cron.ts';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Duration, Time } from '../../ui/time.tsx';

export function RunBadge({ run: { outcome } }: { run: CronRun }) {
  return outcome === null ? (
    <StateBadge state="started" label={text.running} />
  ) : (
    <StateBadge state={text.looks[outcome] ?? outcome} label={text.outcomes[outcome] ?? outcome} />
  );
}

/** The runs that are kept, read once somebody opens them. */
export function RunHistory({ job }: { job: CronJob }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="mt-2 text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit text-muted">{text.history}</summary>
      {isOpen && <Runs job={job} />}
    </details>
  );
}

function Runs({ job }: { job: CronJob }) {
  const { data, error, refetch } = useQuery(cronRunsQuery(job.environment, job.uuid));
  if (error !== null && data === undefined) {
    return <ErrorNote error={error} retry={() => void refetch()} />;
  }
  if (data === undefined) return <Loading lines={2} />;
  return (
    <Table
      caption={text.historyOf(job.command)}
      columns={COLUMNS}
      rows={data}
      rowKey={({ uuid }) => uuid}
    />
  );
}

const COLUMNS: Column<CronRun>[] = [
  { title: text.begun, cell: ({ started_at }) => <Time at={started_at} /> },
  {
    title: text.outcome,
    cell: (run) => (
      <>
        <RunBadge run={run} />
        {run.detail !== null && (
          <p className="max-w-80 text-xs break-words text-muted">{run.detail}</p>
        )}
      </>
    ),
  },
  {
    title: text.took,
    wide: true,
    cell: ({ started_at, ended_at }) => <Duration from={started_at} to={ended_at} />,
  },
  {
    title: text.askedBy,
    wide: true,
    cell: ({ requested_by }) => requested_by ?? text.clock,
  },
];
