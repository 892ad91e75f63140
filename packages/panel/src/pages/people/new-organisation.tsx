import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';

/** For administrators: another organisation, which they own. */
export function NewOrganisation({
  onMade,
  onClose,
}: {
  onMade: (uuid: string) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [slug, setSlug] = useState('');
  const queryClient = useQueryClient();
  const say = useToast();
  const create = useMutation({
    mutationFn: () => api.organisations.create({ name, ...(slug === '' ? {} : { slug }) }),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: keys.session() });
      onMade(made.uuid);
      onClose();
      say(text.organisationMade(made.name));
    },
  });
  const fields = create.error instanceof ApiError ? create.error.fields : {};
  const isExplained = fields['name'] !== undefined || fields['slug'] !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Dialog title={text.newOrganisation} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-sm text-muted">{text.newOrganisationText}</p>
        {!isExplained && <ErrorNote error={create.error} />}
        <TextField
          label={text.organisationName}
          error={fields['name']?.join(' ')}
          value={name}
          onChange={setName}
          autoComplete="off"
          maxLength={100}
          autoFocus
          required
        />
        <TextField
          label={text.organisationSlug}
          hint={text.organisationSlugHint}
          error={fields['slug']?.join(' ')}
          value={slug}
          onChange={setSlug}
          autoComplete="off"
          maxLength={40}
        />
        <Button kind="primary" type="submit" busy={create.isPending}>
          {text.makeOrganisation}
        </Button>
      </form>
    </Dialog>
  );
}
