import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useSession } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { accountText } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { AccountHeader } from './tabs.tsx';

export function Page() {
  useDocumentState(accountText.title);
  const { organisations } = useSession();
  return (
    <>
      <AccountHeader />
      <Profile />
      <Section title={accountText.organisations}>
        {organisations.length === 0 ? (
          <p className="text-sm text-muted">{accountText.noOrganisations}</p>
        ) : (
          <Table
            caption={accountText.organisationsTable}
            rows={organisations}
            rowKey={({ uuid }) => uuid}
            columns={[
              { title: accountText.organisation, cell: ({ name }) => name },
              { title: accountText.role, cell: ({ role }) => role ?? accountText.administrator },
            ]}
          />
        )}
      </Section>
      <SessionsSection />
    </>
  );
}

function Profile() {
  const { user } = useSession();
  const [firstName, setFirstName] = useState(user.first_name);
  const [lastName, setLastName] = useState(user.last_name);
  const queryClient = useQueryClient();
  const say = useToast();
  const save = useMutation({
    mutationFn: () => api.account.update({ first_name: firstName, last_name: lastName }),
    onSuccess: async () => {
      say(common.saved);
      await queryClient.invalidateQueries({ queryKey: keys.session() });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Section title={accountText.profile}>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        <ErrorNote error={save.error} />
        <TextField
          label={accountText.email}
          hint={accountText.emailHint}
          value={user.email}
          onChange={() => undefined}
          autoComplete="username"
          readOnly
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={accountText.firstName}
            value={firstName}
            onChange={setFirstName}
            autoComplete="given-name"
          />
          <TextField
            label={accountText.lastName}
            value={lastName}
            onChange={setLastName}
            autoComplete="family-name"
          />
        </div>
        <div>
          <Button kind="primary" type="submit" busy={save.isPending}>
            {accountText.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}
