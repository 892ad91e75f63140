import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { setupText } from '../../text/sign-in.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';

const EMPTY = { email: '', first_name: '', last_name: '', password: '' };

export function SetupForm({ token }: { token: string }) {
  const [values, setValues] = useState(EMPTY);
  const form = useRef<HTMLFormElement>(null);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const setup = useMutation({
    mutationFn: () => api.setup.complete(token, values),
    onSuccess: async (session) => {
      queryClient.setQueryData(keys.session(), session);
      queryClient.removeQueries({ queryKey: ['setup'] });
      await navigate({ to: '/', replace: true });
    },
  });
  const fields = setup.error instanceof ApiError ? setup.error.fields : {};
  const field = (name: keyof typeof EMPTY) => ({
    name,
    value: values[name],
    onChange: (value: string) => setValues((all) => ({ ...all, [name]: value })),
    error: fields[name]?.join(' '),
  });
  const isExplained = Object.keys(fields).some((name) => name in EMPTY);

  // After a refusal the first field that is wrong is where to go on.
  useEffect(() => {
    if (setup.isError) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [setup.isError]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setup.mutate();
  };
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-sm text-muted">{setupText.intro}</p>
      {!isExplained && <ErrorNote error={setup.error} />}
      <TextField
        {...field('email')}
        label={setupText.email}
        type="email"
        autoComplete="username"
        autoFocus
        required
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField {...field('first_name')} label={setupText.firstName} autoComplete="given-name" />
        <TextField {...field('last_name')} label={setupText.lastName} autoComplete="family-name" />
      </div>
      <TextField
        {...field('password')}
        label={setupText.password}
        hint={setupText.passwordHint}
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
      />
      <Button kind="primary" type="submit" busy={setup.isPending}>
        {setupText.submit}
      </Button>
    </form>
  );
}
