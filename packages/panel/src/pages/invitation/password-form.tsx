import type { OpenLink } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { links } from '../../api/people.ts';
import { peopleText, invitationText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';

export function PasswordForm({
  token,
  link,
  onDone,
}: {
  token: string;
  link: OpenLink;
  onDone: (email: string) => void;
}) {
  const [password, setPassword] = useState('');
  const [firstName, setFirstName] = useState(link.first_name);
  const [lastName, setLastName] = useState(link.last_name);
  const isInvitation = link.kind === 'invitation';
  const accept = useMutation({
    mutationFn: () => links.accept({ token, password, first_name: firstName, last_name: lastName }),
    onSuccess: ({ email }) => onDone(email),
  });
  const fields = accept.error instanceof ApiError ? accept.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-sm text-muted">
        {isInvitation ? text.invitationIntro(link.email) : text.passwordIntro(link.email)}
      </p>
      {fields['password'] === undefined && <ErrorNote error={accept.error} />}
      {/* For the browser's memory of passwords: whose this one is. */}
      <TextField
        label={text.email}
        type="email"
        value={link.email}
        onChange={() => undefined}
        autoComplete="username"
        readOnly
      />
      {isInvitation && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={peopleText.firstName}
            value={firstName}
            onChange={setFirstName}
            autoComplete="given-name"
          />
          <TextField
            label={peopleText.lastName}
            value={lastName}
            onChange={setLastName}
            autoComplete="family-name"
          />
        </div>
      )}
      <TextField
        label={text.password}
        hint={text.passwordHint}
        error={fields['password']?.join(' ')}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        minLength={10}
        required
      />
      <Button kind="primary" type="submit" busy={accept.isPending}>
        {text.submit}
      </Button>
    </form>
  );
}
