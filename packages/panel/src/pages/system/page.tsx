import type { SystemHealth } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { healthQuery } from '../../api/system.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { common } from '../../text/common.ts';
import { systemText as text } from '../../text/system.ts';
import { bytesText } from '../../text/units.ts';
import { Button } from '../../ui/button.tsx';
import { Facts, PageHeader, Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { Edge } from './edge.tsx';

/** How every part of the installation is, and what to do about it. */
export function Page() {
  const health = useQuery(healthQuery);
  const { data } = health;
  useDocumentState(text.title, data === undefined ? undefined : text.looks[data.status]);
  return (
    <>
      <PageHeader
        title={text.title}
        meta={data && <Status status={data.status} />}
        actions={
          <Button busy={health.isFetching} onClick={() => void health.refetch()}>
            {text.again}
          </Button>
        }
      />
      <ErrorNote error={health.error} retry={() => void health.refetch()} />
      {health.isPending && <Loading lines={8} />}
      {data && (
        <>
          <p className="mb-5">{text.summary[data.status]}</p>
          <Checks parts={data.parts} />
          <Now health={data} />
          {data.edge !== null && <Edge edge={data.edge} />}
          <Executors executors={data.executors} />
        </>
      )}
    </>
  );
}

function Status({ status }: { status: string }) {
  return (
    <StateBadge state={text.looks[status] ?? status} label={text.statuses[status] ?? status} />
  );
}

const ORDER = ['failing', 'degraded', 'ok', 'unknown'];

function Checks({ parts }: { parts: SystemHealth['parts'] }) {
  const worstFirst = [...parts].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <Section title={text.checks}>
      <ul className="divide-y divide-line">
        {worstFirst.map(({ name, status, detail, advice }) => (
          <li
            key={name}
            className="grid gap-x-4 gap-y-1 py-3 first:pt-0 last:pb-0 sm:grid-cols-[12rem_9rem_1fr]"
          >
            <h3 className="font-medium">{text.parts[name] ?? name}</h3>
            <div>
              <Status status={status} />
            </div>
            <div className="min-w-0 text-sm break-words">
              <p>{detail}</p>
              {advice !== null && (
                <p className="mt-1">
                  <strong className="font-medium">{text.advice}:</strong> {advice}
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Now({ health }: { health: SystemHealth }) {
  const { queue, deployments, disk, messages } = health;
  const waiting = messages.filter((one) => one.waiting > 0);
  const used = disk.total_bytes === 0 ? 0 : 100 * (1 - disk.free_bytes / disk.total_bytes);
  return (
    <Section title={text.now}>
      <div className="grid gap-x-10 gap-y-4 md:grid-cols-2">
        <Facts
          facts={[
            [text.version, health.version],
            [text.node, health.node],
            [text.startedAt, <Time key="started" at={health.started_at} />],
            [text.jobs, text.jobsText(queue.running, queue.queued)],
            [text.deployments, text.deploymentsText(deployments.running, deployments.waiting)],
            [
              text.messages,
              waiting.length === 0
                ? common.none
                : waiting.map((one) => text.messagesFor(one.consumer, one.waiting)).join(', '),
            ],
          ]}
        />
        <div className="flex flex-col gap-3">
          <Facts
            facts={[
              [text.memory, bytesText(health.memory_bytes)],
              [text.database, bytesText(health.database_bytes)],
              [text.logs, bytesText(health.logs_bytes)],
              [text.disk, text.diskOf(bytesText(disk.free_bytes), bytesText(disk.total_bytes))],
            ]}
          />
          <Progress percent={used} label={text.disk} />
        </div>
      </div>
    </Section>
  );
}

function Executors({ executors }: { executors: SystemHealth['executors'] }) {
  return (
    <Section title={text.executors}>
      {executors.length === 0 ? (
        <p className="text-sm text-muted">{text.noExecutors}</p>
      ) : (
        <Table
          caption={text.executorList}
          rows={executors}
          rowKey={({ name }) => name}
          columns={[
            { title: text.executor, cell: ({ name }) => name },
            { title: text.slots, cell: ({ busy, slots }) => text.slotsOf(busy, slots) },
            { title: text.sandbox, cell: ({ sandbox }) => sandbox },
          ]}
        />
      )}
    </Section>
  );
}
