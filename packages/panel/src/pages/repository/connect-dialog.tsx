import type { ApplicationLine } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Turns a hosted repository into a mirror; the server judges the address. */
export function ConnectDialog({
  application,
  onClose,
}: {
  application: ApplicationLine;
  onClose: () => void;
}) {
  const [url, setUrl] = useState('');
  const [username, setUsername] = useState('');
  const [token, setToken] = useState('');
  const [replace, setReplace] = useState(false);
  const say = useToast();
  const connect = useControl(
    () =>
      api.sources.connect(application.uuid, {
        ...{ url, replace },
        ...(username === '' ? {} : { username }),
        ...(token === '' ? {} : { password: token }),
      }),
    () => {
      onClose();
      say(text.connected);
    },
  );
  const complaint =
    connect.error instanceof ApiError ? connect.error.fields['url']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.connect}
      action={text.connectAction}
      busy={connect.isPending}
      onSubmit={() => connect.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.address}
        hint={text.addressHint}
        error={complaint}
        value={url}
        onChange={setUrl}
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <TextField
        label={text.username}
        hint={text.usernameHint}
        value={username}
        onChange={setUsername}
        autoComplete="off"
        spellCheck={false}
      />
      <TextField
        label={text.token}
        hint={text.tokenHint}
        type="password"
        value={token}
        onChange={setToken}
        autoComplete="off"
      />
      <Checkbox
        label={text.replace}
        hint={text.replaceHint}
        checked={replace}
        onChange={setReplace}
      />
      {complaint === undefined && <ErrorNote error={connect.error} />}
    </FormDialog>
  );
}
