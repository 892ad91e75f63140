import type { Passkey } from '@sluice/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { accountText } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { securityQuery } from './queries.ts';

export function RenamePasskey({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const [name, setName] = useState(passkey.name);
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: () => api.account.passkeys.rename(passkey.uuid, name),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: securityQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <Dialog title={accountText.renameTitle} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <ErrorNote error={rename.error} />
        <TextField
          label={accountText.passkeyName}
          value={name}
          onChange={setName}
          maxLength={100}
          autoFocus
          required
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" busy={rename.isPending}>
            {common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
