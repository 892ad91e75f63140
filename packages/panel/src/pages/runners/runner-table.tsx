import type { RunnerView } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { runnersText as text } from '../../text/runners.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { RunnerActions } from './runner-actions.tsx';

export function RunnerTable({ runners }: { runners: readonly RunnerView[] }) {
  return (
    <Table
      caption={text.list}
      rows={runners}
      rowKey={({ uuid }) => uuid}
      columns={[
        { title: text.name, cell: (runner) => <Name runner={runner} /> },
        {
          title: text.state,
          cell: ({ state }) => (
            <StateBadge state={text.looks[state] ?? state} label={text.states[state] ?? state} />
          ),
        },
        { title: text.jobs, cell: (runner) => <Jobs runner={runner} /> },
        { title: text.machine, cell: (runner) => <Machine runner={runner} />, wide: true },
        { title: text.version, cell: ({ version }) => version, wide: true },
        { title: text.lastSeen, cell: (runner) => <LastSeen runner={runner} />, wide: true },
        { title: text.actions, cell: (runner) => <RunnerActions runner={runner} /> },
      ]}
    />
  );
}

function Name({ runner: { name, labels, ephemeral } }: { runner: RunnerView }) {
  const words = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  if (ephemeral) words.push(text.ephemeral);
  return (
    <>
      <span className="font-medium">{name}</span>
      {words.length > 0 && <p className="text-xs text-muted">{words.join(', ')}</p>}
    </>
  );
}

function Jobs({ runner: { jobs, slots } }: { runner: RunnerView }) {
  return (
    <>
      {text.slots(jobs.length, slots)}
      {jobs.length > 0 && (
        <ul className="text-xs">
          {jobs.map(({ id, number }) => (
            <li key={id}>
              <Link
                to="/jobs/$job"
                params={{ job: String(id) }}
                className="text-accent underline underline-offset-2"
              >
                {text.jobLink(number)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Machine({ runner: { os, arch, executor, isolates } }: { runner: RunnerView }) {
  return (
    <>
      {os}/{arch}
      <p className="text-xs text-muted">
        {executor}, {isolates ? text.isolates : text.shares}
      </p>
    </>
  );
}

function LastSeen({ runner: { embedded, last_seen_at } }: { runner: RunnerView }) {
  if (embedded) return text.inServer;
  return last_seen_at === null ? text.never : <Time at={last_seen_at} />;
}
