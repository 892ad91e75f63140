import type { EnvironmentVariable } from '@sluice/contract';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { variables as text } from '../../text/variables.ts';
import { IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Longer values are shown in part; the dialog has all of them. */
const SHOWN = 80;

export function VariablesTable({
  variables,
  canWrite,
  onEdit,
  onChanged,
}: {
  variables: readonly EnvironmentVariable[];
  canWrite: boolean;
  onEdit: (variable: EnvironmentVariable) => void;
  onChanged: () => void;
}) {
  const [removing, setRemoving] = useState<EnvironmentVariable | null>(null);
  const remove = useRemove(onChanged);
  const columns: Column<EnvironmentVariable>[] = [
    {
      title: text.name,
      cell: ({ name }) => <code className="font-mono text-xs break-all">{name}</code>,
    },
    { title: text.value, cell: (variable) => <Value variable={variable} /> },
  ];
  if (canWrite) {
    columns.push({
      title: text.actions,
      cell: (variable) => (
        <span className="flex gap-1">
          <IconButton label={text.editOf(variable.name)} onClick={() => onEdit(variable)}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
          <IconButton
            label={text.removeOf(variable.name)}
            onClick={() =>
              variable.is_sensitive ? setRemoving(variable) : remove.mutate(variable)
            }
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </span>
      ),
    });
  }
  return (
    <>
      <ErrorNote error={remove.error} />
      <Table
        caption={text.tableCaption}
        columns={columns}
        rows={variables}
        rowKey={({ uuid }) => uuid}
      />
      {removing !== null && (
        <Confirm
          title={text.removeTitle(removing.name)}
          action={common.remove}
          name={removing.name}
          busy={remove.isPending}
          onConfirm={() => remove.mutate(removing, { onSuccess: () => setRemoving(null) })}
          onClose={() => setRemoving(null)}
        >
          <p>{text.removeSensitive}</p>
        </Confirm>
      )}
    </>
  );
}

/** Removes at once what can be put back; undoing makes the same variable again. */
function useRemove(onChanged: () => void) {
  const say = useToast();
  const restore = useControl(
    ({ environment, name, value }: EnvironmentVariable) =>
      api.variables.create({ environment, name, value: value ?? '' }),
    ({ name }) => say(text.restored(name)),
  );
  return useControl(
    async (variable: EnvironmentVariable) => {
      await api.variables.remove(variable.uuid);
      return variable;
    },
    (variable) => {
      onChanged();
      say(
        text.removed(variable.name),
        variable.is_sensitive ? undefined : () => restore.mutate(variable),
      );
    },
  );
}

function Value({ variable }: { variable: EnvironmentVariable }) {
  if (variable.value === null)
    return <span className="text-muted italic">{text.sensitiveValue}</span>;
  const { value } = variable;
  const isLong = value.length > SHOWN;
  return (
    <code className="font-mono text-xs break-all whitespace-pre-wrap">
      {isLong ? value.slice(0, SHOWN) : value}
      {isLong && <span title={text.tooBig}> …</span>}
    </code>
  );
}
