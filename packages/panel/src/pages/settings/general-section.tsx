import type { ApplicationLine } from '@sluice/contract';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { settings as text } from '../../text/settings.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

export function GeneralSection({ application }: { application: ApplicationLine }) {
  const [name, setName] = useState(application.name);
  const say = useToast();
  const rename = useControl(
    () => api.applications.update(application.uuid, { name: name.trim() }),
    () => say(text.renamed),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(undefined);
  };
  const complaint =
    rename.error instanceof ApiError ? rename.error.fields['name']?.join(' ') : undefined;
  return (
    <Section title={text.general}>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        <TextField
          label={text.name}
          value={name}
          onChange={setName}
          error={complaint}
          autoComplete="off"
          required
        />
        <TextField
          label={text.slug}
          hint={text.slugHint}
          value={application.slug}
          onChange={() => undefined}
          readOnly
        />
        {complaint === undefined && <ErrorNote error={rename.error} />}
        <div>
          <Button
            type="submit"
            busy={rename.isPending}
            disabled={name.trim() === '' || name.trim() === application.name}
          >
            {common.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}
