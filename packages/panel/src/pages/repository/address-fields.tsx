import { ApiError } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';

/** Where a repository is, and what opens it. */
export interface Given {
  readonly url: string;
  readonly username: string;
  readonly token: string;
}

export const NOTHING_GIVEN: Given = { url: '', username: '', token: '' };

/** `error` is what the server said of them: shown at the address where it is about that. */
export function AddressFields({
  given,
  onChange,
  error,
}: {
  given: Given;
  onChange: (given: Given) => void;
  error: Error | null;
}) {
  const complaint = error instanceof ApiError ? error.fields['url']?.join(' ') : undefined;
  return (
    <>
      <TextField
        label={text.address}
        hint={text.addressHint}
        error={complaint}
        value={given.url}
        onChange={(url) => onChange({ ...given, url })}
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <TextField
        label={text.username}
        hint={text.usernameHint}
        value={given.username}
        onChange={(username) => onChange({ ...given, username })}
        autoComplete="off"
        spellCheck={false}
      />
      <TextField
        label={text.token}
        hint={text.tokenHint}
        type="password"
        value={given.token}
        onChange={(token) => onChange({ ...given, token })}
        autoComplete="off"
      />
      {complaint === undefined && <ErrorNote error={error} />}
    </>
  );
}
