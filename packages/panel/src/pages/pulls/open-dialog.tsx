import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { commitsQuery } from '../../api/commits.ts';
import { pulls as text } from '../../text/pulls.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, SelectField, TextArea, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useControl } from '../running/use-control.ts';

/** Proposes a pushed branch for another, and shows the pull request that comes of it. */
export function OpenDialog({
  application,
  app,
  onClose,
}: {
  application: string;
  app: string;
  onClose: () => void;
}) {
  const commits = useInfiniteQuery(commitsQuery(application, ''));
  const known = commits.data?.pages[0];
  const branches = [...new Set(known === undefined ? [] : [known.branch, ...known.branches])];
  const [chosenBase, setBase] = useState<string | null>(null);
  const [chosenHead, setHead] = useState<string | null>(null);
  const base = chosenBase ?? branches[0] ?? '';
  const heads = branches.filter((branch) => branch !== base);
  const head = chosenHead !== null && heads.includes(chosenHead) ? chosenHead : (heads[0] ?? '');
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [isDraft, setDraft] = useState(false);
  const navigate = useNavigate();
  const open = useControl(
    () =>
      api.pullRequests.create({
        ...{ application, head, base, description, draft: isDraft },
        ...(title.trim() === '' ? {} : { title: title.trim() }),
      }),
    ({ number }) =>
      void navigate({
        to: '/applications/$app/pulls/$number',
        params: { app, number: String(number) },
      }),
  );
  return (
    <FormDialog
      title={text.openTitle}
      action={text.openAction}
      busy={open.isPending}
      disabled={head === ''}
      onSubmit={() => open.mutate(undefined)}
      onClose={onClose}
    >
      <SelectField label={text.base} value={base} onChange={setBase}>
        {branches.map((branch) => (
          <option key={branch}>{branch}</option>
        ))}
      </SelectField>
      <SelectField label={text.head} hint={text.headHint} value={head} onChange={setHead}>
        {heads.map((branch) => (
          <option key={branch}>{branch}</option>
        ))}
      </SelectField>
      <TextField
        label={text.what}
        hint={text.titleHint}
        value={title}
        onChange={setTitle}
        autoComplete="off"
      />
      <TextArea label={text.description} value={description} onChange={setDescription} rows={4} />
      <Checkbox
        label={text.asDraft}
        hint={text.asDraftHint}
        checked={isDraft}
        onChange={setDraft}
      />
      <ErrorNote error={commits.error ?? open.error} />
    </FormDialog>
  );
}
