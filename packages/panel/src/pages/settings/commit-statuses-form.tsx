import type { CommitStatusTarget } from '@sluice/contract';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { commitStatuses as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** The host, the repository there and the token; a token is never read back, so each change brings one. */
export function CommitStatusesForm({
  application,
  target,
}: {
  application: string;
  target: CommitStatusTarget | null;
}) {
  const [provider, setProvider] = useState(target?.provider ?? 'github');
  const [slug, setSlug] = useState(target?.slug ?? '');
  const [apiUrl, setApiUrl] = useState(target?.api_url ?? '');
  const [token, setToken] = useState('');
  const say = useToast();
  const save = useControl(
    () =>
      api.commitStatuses.set(application, {
        ...{ provider, slug: slug.trim(), token },
        ...(apiUrl.trim() === '' ? {} : { api_url: apiUrl.trim() }),
      }),
    () => say(text.saved),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  /** Each host has an API address of its own: the one before would be wrong. */
  const choose = (chosen: string) => {
    setProvider(chosen);
    setApiUrl(chosen === target?.provider ? target.api_url : '');
  };
  const complaint = (field: string) =>
    save.error instanceof ApiError ? save.error.fields[field]?.join(' ') : undefined;
  const isByField = ['slug', 'api_url', 'token'].some((field) => complaint(field) !== undefined);
  return (
    <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
      <SelectField label={text.provider} value={provider} onChange={choose}>
        {Object.entries(text.providers).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </SelectField>
      <TextField
        label={text.slug}
        hint={text.slugHint}
        error={complaint('slug')}
        value={slug}
        onChange={setSlug}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <TextField
        label={text.api}
        hint={provider === 'gitea' ? text.apiHintGitea : text.apiHint}
        error={complaint('api_url')}
        value={apiUrl}
        onChange={setApiUrl}
        type="url"
        autoComplete="off"
        spellCheck={false}
        required={provider === 'gitea'}
      />
      <TextField
        label={text.token}
        hint={target === null ? text.tokenHint : text.tokenAgain}
        error={complaint('token')}
        type="password"
        value={token}
        onChange={setToken}
        autoComplete="new-password"
        required
      />
      {!isByField && <ErrorNote error={save.error} />}
      <div>
        <Button type="submit" busy={save.isPending}>
          {text.save}
        </Button>
      </div>
    </form>
  );
}
