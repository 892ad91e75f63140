import type { Passkey } from '@sluice/contract';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { accountText } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { addPasskey } from '../sign-in/passkey.ts';
import { browserName } from './browser-name.ts';
import { useFreshMutation } from './fresh.tsx';
import { securityQuery } from './queries.ts';
import { RenamePasskey } from './rename-passkey.tsx';

export function PasskeysSection({
  passkeys,
  isPossible,
}: {
  passkeys: readonly Passkey[];
  isPossible: boolean;
}) {
  const [renamed, setRenamed] = useState<Passkey | null>(null);
  const [doomed, setDoomed] = useState<Passkey | null>(null);
  const queryClient = useQueryClient();
  const say = useToast();
  const reread = () => queryClient.invalidateQueries({ queryKey: securityQuery.queryKey });
  const remove = useFreshMutation({
    mutationFn: (uuid: string) => api.account.passkeys.remove(uuid),
    onSuccess: () => {
      setDoomed(null);
      say(accountText.passkeyRemoved);
      return reread();
    },
  });

  return (
    <Section title={accountText.passkeys}>
      <div className="flex flex-col gap-4">
        <p className="text-sm">{accountText.passkeysText}</p>
        {passkeys.length === 0 ? (
          <p className="text-sm text-muted">{accountText.noPasskeys}</p>
        ) : (
          <Table
            caption={accountText.passkeysTable}
            rows={passkeys}
            rowKey={({ uuid }) => uuid}
            columns={[
              { title: accountText.passkeyName, cell: ({ name }) => name },
              {
                title: accountText.added,
                wide: true,
                cell: ({ created_at }) => <Time at={created_at} />,
              },
              {
                title: accountText.lastUsed,
                wide: true,
                cell: ({ last_used_at: at }) => (at === null ? common.never : <Time at={at} />),
              },
              {
                title: accountText.actions,
                cell: (passkey) => (
                  <div className="flex flex-wrap gap-2">
                    <Button
                      aria-label={accountText.renameOf(passkey.name)}
                      onClick={() => setRenamed(passkey)}
                    >
                      {accountText.rename}
                    </Button>
                    <Button
                      kind="danger"
                      aria-label={accountText.removePasskeyOf(passkey.name)}
                      onClick={() => setDoomed(passkey)}
                    >
                      {accountText.removePasskey}
                    </Button>
                  </div>
                ),
              },
            ]}
          />
        )}
        {isPossible ? (
          <AddPasskey onAdded={reread} />
        ) : (
          <Note>{accountText.passkeysImpossible}</Note>
        )}
      </div>
      {renamed && <RenamePasskey passkey={renamed} onClose={() => setRenamed(null)} />}
      {doomed && (
        <Confirm
          title={accountText.removePasskeyTitle}
          action={accountText.removePasskey}
          busy={remove.busy}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.run(doomed.uuid)}
          onClose={() => setDoomed(null)}
        >
          <p>{accountText.removePasskeyText(doomed.name)}</p>
        </Confirm>
      )}
      {remove.dialog}
    </Section>
  );
}

function AddPasskey({ onAdded }: { onAdded: () => unknown }) {
  const [name, setName] = useState(() => browserName(navigator.userAgent));
  const say = useToast();
  const add = useFreshMutation({
    mutationFn: () => addPasskey(name),
    onSuccess: () => {
      say(accountText.passkeyAdded);
      return onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.run();
  };
  return (
    <>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-3">
        <ErrorNote error={add.error} />
        <TextField
          label={accountText.passkeyName}
          hint={accountText.passkeyNameHint}
          value={name}
          onChange={setName}
          maxLength={100}
          required
        />
        <div>
          <Button type="submit" busy={add.busy}>
            {accountText.addPasskey}
          </Button>
        </div>
      </form>
      {add.dialog}
    </>
  );
}
