import type { Environment } from '@sluice/contract';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { settings as text } from '../../text/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(undefined);
  };
  const fields = add.error instanceof ApiError ? add.error.fields : {};
  const ofSlug = (fields['slug'] ?? fields['new_slug'])?.join(' ');
  const ofBranch = fields['branch']?.join(' ');
  return (
    <Dialog title={text.addEnvironment} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
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
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" busy={add.isPending} disabled={slug.trim() === ''}>
            {text.addEnvironment}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
