import { ApiError } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { type Credential, CredentialFields } from './credential-fields.tsx';

/** Where a repository is, and what opens it. */
export interface Given extends Credential {
  readonly url: string;
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
      <CredentialFields given={given} onChange={(opens) => onChange({ ...given, ...opens })} />
      {complaint === undefined && <ErrorNote error={error} />}
    </>
  );
}
