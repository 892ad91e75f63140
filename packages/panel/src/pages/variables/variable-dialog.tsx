import type { EnvironmentLine, EnvironmentVariable } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { variables as text } from '../../text/variables.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, TextArea, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Adds a variable, or changes one. A sensitive value is never filled in, for nobody is told it. */
export function VariableDialog({
  environment,
  variable,
  onChanged,
  onClose,
}: {
  environment: EnvironmentLine;
  /** Null: a new one. */
  variable: EnvironmentVariable | null;
  onChanged: () => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(variable?.name ?? '');
  const [value, setValue] = useState(variable?.value ?? '');
  const [isSensitive, setSensitive] = useState(variable?.is_sensitive ?? false);
  const say = useToast();
  const hidden = variable?.is_sensitive === true;
  const save = useControl(
    () =>
      variable === null
        ? api.variables.create({
            ...{ environment: environment.uuid, name: name.trim(), value },
            is_sensitive: isSensitive,
          })
        : api.variables.update(variable.uuid, {
            // An empty field of a hidden value means that it stays.
            ...(hidden && value === '' ? {} : { value }),
            is_sensitive: isSensitive,
          }),
    (saved) => {
      onChanged();
      onClose();
      say(variable === null ? text.added(saved.name) : text.changed(saved.name));
    },
  );
  const complaint = (field: string): string | undefined =>
    save.error instanceof ApiError ? save.error.fields[field]?.join(' ') : undefined;
  const isOfField = ['name', 'value', 'is_sensitive'].some((field) => complaint(field));
  return (
    <FormDialog
      title={variable === null ? text.add : text.editOf(variable.name)}
      action={variable === null ? text.addAction : common.save}
      busy={save.isPending}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      {variable === null && (
        <TextField
          label={text.name}
          hint={text.nameHint}
          error={complaint('name')}
          value={name}
          onChange={setName}
          required
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <TextArea
        label={text.value}
        hint={hidden ? text.sensitiveNew : text.valueHint}
        error={complaint('value') ?? complaint('is_sensitive')}
        value={value}
        onChange={setValue}
        rows={4}
        autoComplete="off"
      />
      <Checkbox
        label={text.sensitive}
        hint={hidden ? text.makeReadable : text.sensitiveHint}
        checked={isSensitive}
        onChange={setSensitive}
      />
      {!isOfField && <ErrorNote error={save.error} />}
    </FormDialog>
  );
}
