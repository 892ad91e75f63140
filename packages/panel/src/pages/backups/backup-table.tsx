import type { Backup, EnvironmentLine } from '@sluice/contract';
import { backups as text } from '../../text/backups.ts';
import { bytesText } from '../../text/units.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { BackupActions } from './backup-actions.tsx';

export function BackupTable({
  backups,
  environment,
  canWrite,
}: {
  backups: readonly Backup[];
  environment: EnvironmentLine;
  canWrite: boolean;
}) {
  return (
    <Table
      caption={text.list}
      rows={backups}
      rowKey={({ uuid }) => uuid}
      columns={[
        { title: text.made, cell: (backup) => <Made backup={backup} /> },
        { title: text.state, cell: (backup) => <State backup={backup} /> },
        { title: text.size, tight: true, cell: ({ size }) => bytesText(size) },
        {
          title: text.parts,
          cell: ({ parts }) => parts.map(({ kind }) => kind).join(', '),
          wide: true,
        },
        ...(canWrite
          ? [
              {
                title: text.actions,
                cell: (backup: Backup) => (
                  <BackupActions backup={backup} environment={environment} />
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

function Made({ backup: { created_at, created_by, trigger, notes } }: { backup: Backup }) {
  return (
    <>
      <Time at={created_at} />
      <p className="text-xs text-muted">
        {text.triggers[trigger] ?? trigger}, {created_by}
      </p>
      {notes !== '' && <p className="text-xs break-words">{notes}</p>}
    </>
  );
}

function State({ backup: { state, success, parts } }: { backup: Backup }) {
  const word = success ?? state;
  const errors = parts.flatMap((part) => (part.errors === '' ? [] : [part.errors]));
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
