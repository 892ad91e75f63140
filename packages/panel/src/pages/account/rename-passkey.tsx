import type { Passkey } from '@sluice/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { accountText } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { FormDialog } from '../../ui/dialog.tsx';
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
  return (
    <FormDialog
      title={accountText.renameTitle}
      action={common.save}
      busy={rename.isPending}
      onSubmit={() => rename.mutate()}
      onClose={onClose}
    >
      <ErrorNote error={rename.error} />
      <TextField
        label={accountText.passkeyName}
        value={name}
        onChange={setName}
        maxLength={100}
        autoFocus
        required
      />
    </FormDialog>
  );
}
