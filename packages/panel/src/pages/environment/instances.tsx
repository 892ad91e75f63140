import type { Instance } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { instancesQuery } from '../../api/running.ts';
import { limits } from '../../text/limits.ts';
import { running, environment as text } from '../../text/running.ts';
import { bytesText, percentText } from '../../text/units.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

/** The processes that are there now, the newest first. */
export function Instances({ app, environmentUuid }: { app: string; environmentUuid: string }) {
  const { data, error, refetch } = useQuery(instancesQuery(environmentUuid));
  if (error !== null && data === undefined) {
    return <ErrorNote error={error} retry={() => void refetch()} />;
  }
  if (data === undefined) return <Loading lines={2} />;
  if (data.instances.length === 0) return <p className="text-sm text-muted">{text.noInstances}</p>;
  return (
    <Table
      caption={text.instancesNow}
      columns={columns(app)}
      rows={data.instances}
      rowKey={({ uuid }) => uuid}
    />
  );
}

const columns = (app: string): Column<Instance>[] => [
  { title: text.service, cell: ({ service }) => service },
  { title: text.state, cell: ({ state }) => <StateBadge state={state} /> },
  {
    title: running.commit,
    cell: ({ commit }) => (commit === null ? text.unknown : <CommitLink app={app} sha={commit} />),
  },
  { title: text.cpu, tight: true, cell: ({ cpu_percent }) => known(cpu_percent, percentText) },
  { title: text.memory, tight: true, cell: ({ memory_bytes }) => known(memory_bytes, bytesText) },
  { title: text.processes, wide: true, cell: ({ processes }) => known(processes, String) },
  { title: text.restarts, cell: (instance) => <Restarts instance={instance} /> },
  { title: text.started, wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
];

/** How often, and how it ended last. */
function Restarts({ instance: { restarts, last_exit: last } }: { instance: Instance }) {
  return (
    <>
      {restarts}
      {last !== null && (
        <p className="text-xs text-muted">
          {last.out_of_memory ? limits.outOfMemory : limits.ended(last.status, last.signal)}{' '}
          <Time at={last.at} />
        </p>
      )}
    </>
  );
}

const known = (value: number | null, format: (value: number) => string) =>
  value === null ? <span className="text-muted">{text.unknown}</span> : format(value);
