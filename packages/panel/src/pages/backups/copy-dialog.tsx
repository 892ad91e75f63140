import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { backupActions } from '../../api/backups.ts';
import { backups as text } from '../../text/backups.ts';
import { common } from '../../text/common.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Replaces another environment's data, so its name is typed. */
export function CopyDialog({
  environment,
  others,
  onClose,
}: {
  environment: EnvironmentLine;
  others: readonly EnvironmentLine[];
  onClose: () => void;
}) {
  const [to, setTo] = useState(others[0]?.slug ?? '');
  const [typed, setTyped] = useState('');
  const say = useToast();
  const target = others.find(({ slug }) => slug === to);
  const copy = useControl(
    () => backupActions.copy(environment.uuid, target?.uuid ?? ''),
    () => {
      onClose();
      say(text.copying(to));
    },
  );
  return (
    <FormDialog
      title={text.copy}
      action={text.copyAction}
      kind="danger"
      busy={copy.isPending}
      disabled={typed !== to}
      onSubmit={() => copy.mutate(undefined)}
      onClose={onClose}
    >
      <SelectField label={text.copyTo} value={to} onChange={setTo}>
        {others.map(({ uuid, slug }) => (
          <option key={uuid}>{slug}</option>
        ))}
      </SelectField>
      <p className="text-sm">{text.copyText(to)}</p>
      <TextField
        label={common.confirmByName(to)}
        value={typed}
        onChange={setTyped}
        autoComplete="off"
        spellCheck={false}
      />
      <ErrorNote error={copy.error} />
    </FormDialog>
  );
}
