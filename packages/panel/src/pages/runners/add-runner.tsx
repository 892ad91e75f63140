import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { runnersText as text } from '../../text/runners.ts';
import { CopyBlock } from '../../ui/copy.tsx';
import { Dialog, FormDialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';

/** Makes a registration token and shows the command line that uses it. */
export function AddRunner({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [reusable, setReusable] = useState('once');
  const create = useMutation({
    mutationFn: () => api.runnerTokens.create({ name, reusable: reusable === 'many' }),
  });
  if (create.data !== undefined) {
    return (
      <Dialog title={text.add} onClose={onClose}>
        <div className="flex flex-col gap-4">
          <Note tone="warn">{text.shownOnce}</Note>
          <CopyBlock
            label={text.command}
            text={`sluice runner --server ${location.origin} --token ${create.data.token}`}
          />
          <p className="text-sm text-muted">{text.commandHint}</p>
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={text.add}
      action={text.addButton}
      busy={create.isPending}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextField
        label={text.addName}
        hint={text.addNameHint}
        value={name}
        onChange={setName}
        autoComplete="off"
      />
      <SelectField label={text.reusable} value={reusable} onChange={setReusable}>
        <option value="once">{text.once}</option>
        <option value="many">{text.many}</option>
      </SelectField>
      <ErrorNote error={create.error} />
    </FormDialog>
  );
}
