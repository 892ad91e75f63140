import { repository as text } from '../../text/repository.ts';
import { TextField } from '../../ui/field.tsx';

/** What opens a repository over https. */
export interface Credential {
  readonly username: string;
  readonly token: string;
}

export function CredentialFields({
  given,
  onChange,
  isNeeded = false,
}: {
  given: Credential;
  onChange: (given: Credential) => void;
  /** A public repository opens without. */
  isNeeded?: boolean;
}) {
  return (
    <>
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
        // "off" is ignored for passwords: a browser would fill in the panel's own.
        autoComplete="new-password"
        required={isNeeded}
      />
    </>
  );
}
