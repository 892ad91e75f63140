import type { Session } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { signInText } from '../../text/sign-in.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { CodeForm } from './code-form.tsx';

const reasonOf = (error: unknown) => (error instanceof ApiError ? error.reason : null);

/** Email and password, then the code where the account asks for one. With `email` given it confirms who is there already. */
export function PasswordForm({
  email: known,
  onDone,
}: {
  email?: string;
  onDone: (session: Session) => void;
}) {
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const signIn = useMutation({
    mutationFn: (code: string | null) => api.session.signIn({ email, password, code }),
    onSuccess: onDone,
  });
  const reason = reasonOf(signIn.error);
  const wantsCode =
    reason === 'second_factor_required' ||
    reason === 'second_factor_wrong' ||
    // While a code is looked at, and when the server did not get to look at it.
    typeof signIn.variables === 'string';

  useEffect(() => {
    if (reason === 'wrong_credentials') {
      form.current?.querySelector<HTMLInputElement>('input[type=password]')?.select();
    }
  }, [reason]);

  if (wantsCode) {
    return (
      <CodeForm
        busy={signIn.isPending}
        error={reason === 'second_factor_required' ? null : signIn.error}
        onCode={(code) => signIn.mutate(code)}
        onCancel={() => {
          setPassword('');
          signIn.reset();
        }}
      />
    );
  }

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate(null);
  };
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4">
      <ErrorNote error={signIn.error} />
      <TextField
        label={signInText.email}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        readOnly={known !== undefined}
        autoFocus={known === undefined}
        required
      />
      <TextField
        label={signInText.password}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        autoFocus={known !== undefined}
        required
      />
      <Button kind="primary" type="submit" busy={signIn.isPending}>
        {signInText.submit}
      </Button>
    </form>
  );
}
