import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useSession } from '../../api/session.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useFreshMutation } from './fresh.tsx';

export function PasswordSection({ hasPassword }: { hasPassword: boolean }) {
  const { user } = useSession();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [revokesTokens, setRevokesTokens] = useState(false);
  const queryClient = useQueryClient();
  const say = useToast();
  const change = useFreshMutation({
    mutationFn: () =>
      api.account.changePassword({ current, password, revoke_tokens: revokesTokens }),
    onSuccess: async () => {
      say(accountText.passwordChanged);
      setCurrent('');
      setPassword('');
      setRevokesTokens(false);
      await queryClient.invalidateQueries({ queryKey: keys.account() });
    },
  });
  const fields = change.error instanceof ApiError ? change.error.fields : {};
  const isExplained = 'current' in fields || 'password' in fields;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.run();
  };
  return (
    <Section title={accountText.password}>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        {!isExplained && <ErrorNote error={change.error} />}
        {/* For password managers, which would not know whose password it is. */}
        <input type="hidden" name="email" autoComplete="username" value={user.email} readOnly />
        {hasPassword ? (
          <TextField
            label={accountText.currentPassword}
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={setCurrent}
            error={fields['current']?.join(' ')}
            required
          />
        ) : (
          <p className="text-sm">{accountText.noPassword}</p>
        )}
        <TextField
          label={accountText.newPassword}
          hint={accountText.newPasswordHint}
          type="password"
          autoComplete="new-password"
          minLength={10}
          value={password}
          onChange={setPassword}
          error={fields['password']?.join(' ')}
          required
        />
        <Checkbox
          label={accountText.revokeTokens}
          hint={accountText.revokeTokensHint}
          checked={revokesTokens}
          onChange={setRevokesTokens}
        />
        <div>
          <Button type="submit" busy={change.busy}>
            {hasPassword ? accountText.changePassword : accountText.setPassword}
          </Button>
        </div>
      </form>
      {change.dialog}
    </Section>
  );
}
