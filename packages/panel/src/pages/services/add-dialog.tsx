import type { Service } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { services as text } from '../../text/services.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

export function AddDialog({
  environment,
  kinds,
  onClose,
}: {
  environment: string;
  kinds: readonly Service[];
  onClose: () => void;
}) {
  const [kind, setKind] = useState(kinds[0]?.identifier ?? '');
  const [prefix, setPrefix] = useState('DEFAULT');
  const say = useToast();
  const add = useControl(
    () => api.serviceInstances.create({ environment, service: kind, prefix: prefix.trim() }),
    ({ name }) => {
      onClose();
      say(text.added(name));
    },
  );
  const complaint =
    add.error instanceof ApiError ? add.error.fields['prefix']?.join(' ') : undefined;
  const chosen = kinds.find(({ identifier }) => identifier === kind);
  return (
    <FormDialog
      title={text.add}
      action={text.addAction}
      busy={add.isPending}
      onSubmit={() => add.mutate(undefined)}
      onClose={onClose}
    >
      <SelectField label={text.kind} hint={chosen?.description} value={kind} onChange={setKind}>
        {kinds.map(({ identifier, name }) => (
          <option key={identifier} value={identifier}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={text.prefix}
        hint={text.prefixHint}
        error={complaint}
        value={prefix}
        onChange={setPrefix}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
      />
      {complaint === undefined && <ErrorNote error={add.error} />}
    </FormDialog>
  );
}
