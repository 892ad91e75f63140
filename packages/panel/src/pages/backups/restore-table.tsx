import type { BackupRestore } from '@sluice/contract';
import { backups as text } from '../../text/backups.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

export function RestoreTable({ restores }: { restores: readonly BackupRestore[] }) {
  return (
    <Table
      caption={text.restoreList}
      rows={restores}
      rowKey={({ uuid }) => uuid}
      columns={[
        {
          title: text.asked,
          cell: ({ created_at, created_by }) => (
            <>
              <Time at={created_at} />
              <p className="text-xs text-muted">{created_by}</p>
            </>
          ),
        },
        { title: text.state, cell: (restore) => <State restore={restore} /> },
      ]}
    />
  );
}

function State({ restore }: { restore: BackupRestore }) {
  const word = restore.success ?? 'RUNNING';
  const errors = restore.service_instance_restores.flatMap(({ errors: said }) =>
    said === '' ? [] : [said],
  );
  return (
    <>
      <StateBadge state={text.looks[word] ?? word} label={text.states[word] ?? word} />
      {errors.map((error) => (
        <p key={error} className="max-w-80 text-xs break-words text-bad">
          {error}
        </p>
      ))}
    </>
  );
}
