import type { AuditEntry } from '@sluice/contract';
import { auditText as text } from '../../text/audit.ts';
import { common } from '../../text/common.ts';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

export function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Table
      caption={text.title}
      rows={entries}
      rowKey={({ sequence }) => sequence}
      columns={[
        {
          title: text.number,
          wide: true,
          cell: ({ sequence, hash }) => (
            <span title={`${text.hash}: ${hash}`} className="text-muted tabular-nums">
              {sequence}
            </span>
          ),
        },
        { title: text.when, cell: ({ at }) => <Time at={at} /> },
        { title: text.actor, wide: true, cell: ({ actor }) => actor },
        {
          title: text.action,
          cell: ({ action, actor }) => (
            <>
              <code className="text-xs">{action}</code>
              {/* Where there is no room for a column of its own. */}
              <p className="text-xs break-all text-muted md:hidden">{actor}</p>
            </>
          ),
        },
        {
          title: text.target,
          wide: true,
          cell: ({ target }) => <code className="text-xs break-all">{target}</code>,
        },
        { title: text.details, cell: ({ details }) => <Details details={details} /> },
      ]}
    />
  );
}

function Details({ details }: { details: unknown }) {
  if (typeof details !== 'object' || details === null || Object.keys(details).length === 0) {
    return <span className="text-muted">{common.none}</span>;
  }
  return (
    <details>
      <summary className="w-fit text-accent underline underline-offset-2">
        {text.showDetails}
      </summary>
      <dl className="mt-1 grid grid-cols-[max-content_1fr] gap-x-3 text-xs">
        {Object.entries(details).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all">
              {typeof value === 'string' ? value : JSON.stringify(value)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
