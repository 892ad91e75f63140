import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { domains as text } from '../../text/domains.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** The server judges the name; what it says stands below the field. */
export function AddDialog({
  environment,
  onClose,
}: {
  environment: EnvironmentLine;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const say = useToast();
  const add = useControl(
    () => api.domains.create({ environment: environment.uuid, name }),
    (domain) => {
      onClose();
      say(text.added(domain.display_name));
    },
  );
  const complaint = add.error instanceof ApiError ? add.error.fields['name']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.addTo(environment.slug)}
      action={text.addAction}
      busy={add.isPending}
      onSubmit={() => add.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.name}
        hint={text.nameHint}
        error={complaint}
        value={name}
        onChange={setName}
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      {complaint === undefined && <ErrorNote error={add.error} />}
    </FormDialog>
  );
}
