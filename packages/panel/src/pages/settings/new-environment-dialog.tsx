import type { Environment } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { settings as text } from '../../text/settings.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** An empty environment, or a copy of another with its branch, rules and variables. */
export function NewEnvironmentDialog({
  application,
  environments,
  onClose,
}: {
  application: string;
  environments: readonly Environment[];
  onClose: () => void;
}) {
  const [slug, setSlug] = useState('');
  const [copied, setCopied] = useState('');
  const [branch, setBranch] = useState(environments[0]?.branch ?? 'main');
  const say = useToast();
  const add = useControl(
    () =>
      copied === ''
        ? api.environments.create({ application, slug: slug.trim(), branch: branch.trim() })
        : api.environments.copy(copied, slug.trim()),
    (made) => {
      onClose();
      say(text.environmentAdded(made.slug));
    },
  );
  const fields = add.error instanceof ApiError ? add.error.fields : {};
  const ofSlug = (fields['slug'] ?? fields['new_slug'])?.join(' ');
  const ofBranch = fields['branch']?.join(' ');
  return (
    <FormDialog
      title={text.addEnvironment}
      action={text.addEnvironment}
      busy={add.isPending}
      disabled={slug.trim() === ''}
      onSubmit={() => add.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.newName}
        hint={text.newNameHint}
        value={slug}
        onChange={setSlug}
        error={ofSlug}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <SelectField label={text.copyOf} value={copied} onChange={setCopied}>
        <option value="">{text.empty}</option>
        {environments.map((one) => (
          <option key={one.uuid} value={one.uuid}>
            {one.slug}
          </option>
        ))}
      </SelectField>
      {copied === '' && (
        <TextField
          label={text.branch}
          value={branch}
          onChange={setBranch}
          error={ofBranch}
          spellCheck={false}
          required
        />
      )}
      {ofSlug === undefined && ofBranch === undefined && <ErrorNote error={add.error} />}
    </FormDialog>
  );
}
