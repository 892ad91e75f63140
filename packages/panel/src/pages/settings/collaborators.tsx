import type { ApplicationLine, Collaborator } from '@sluice/contract';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { accountsQuery, membersQuery } from '../../api/people.ts';
import { useSession } from '../../api/session.ts';
import { settings as text } from '../../text/settings.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { collaboratorsQuery, removeCollaborator } from './queries.ts';

/** Who works on this application without running its organisation. */
export function Collaborators({ application }: { application: ApplicationLine }) {
  const { data } = useSuspenseQuery(collaboratorsQuery(application.uuid));
  const say = useToast();
  const add = useControl(
    (user: string) => api.collaborators.add(application.uuid, user),
    () => undefined,
  );
  const remove = useControl(
    async (one: Collaborator) => {
      await removeCollaborator(application.uuid, one.user);
      return one;
    },
    ({ email, user }) => say(text.personRemoved(email), () => add.mutate(user)),
  );
  return (
    <Section title={text.collaborators}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-muted">{text.collaboratorsHint}</p>
        {data.length === 0 ? (
          <p className="text-sm">{text.noCollaborators}</p>
        ) : (
          <Table
            caption={text.collaboratorsTable}
            rows={data}
            rowKey={({ user }) => user}
            columns={[
              { title: text.person, cell: ({ email }) => email },
              {
                title: text.actions,
                cell: (one) => (
                  <IconButton
                    label={text.removePerson(one.email)}
                    onClick={() => remove.mutate(one)}
                  >
                    <X aria-hidden className="size-4" />
                  </IconButton>
                ),
              },
            ]}
          />
        )}
        <ErrorNote error={add.error ?? remove.error} />
        <AddPerson
          organisation={application.organisation}
          present={data.map(({ user }) => user)}
          busy={add.isPending}
          onAdd={add.mutate}
        />
      </div>
    </Section>
  );
}

function AddPerson({
  organisation,
  present,
  busy,
  onAdd,
}: {
  organisation: string;
  present: readonly string[];
  busy: boolean;
  onAdd: (user: string) => void;
}) {
  const { user: me } = useSession();
  const members = useQuery(membersQuery(organisation));
  // Administrators see every account, machine users too; others the members of the organisation.
  const people = useQuery({ ...accountsQuery(false), enabled: me.is_admin });
  const machines = useQuery({ ...accountsQuery(true), enabled: me.is_admin });
  const [chosen, setChosen] = useState('');
  const candidates = new Map<string, string>();
  for (const { user, email } of members.data?.results ?? []) candidates.set(user, email);
  for (const { uuid, email } of [
    ...(people.data?.results ?? []),
    ...(machines.data?.results ?? []),
  ]) {
    candidates.set(uuid, email);
  }
  for (const user of present) candidates.delete(user);
  const isChosen = candidates.has(chosen);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isChosen) return;
    onAdd(chosen);
    setChosen('');
  };
  if (members.isSuccess && candidates.size === 0) {
    return <p className="text-sm text-muted">{text.everybodyIs}</p>;
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <div className="min-w-60">
        <SelectField label={text.person} value={isChosen ? chosen : ''} onChange={setChosen}>
          <option value="">{text.choosePerson}</option>
          {[...candidates].map(([uuid, email]) => (
            <option key={uuid} value={uuid}>
              {email}
            </option>
          ))}
        </SelectField>
      </div>
      <Button type="submit" busy={busy} disabled={!isChosen}>
        {text.addPerson}
      </Button>
    </form>
  );
}
