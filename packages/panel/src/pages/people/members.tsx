import type { MemberLine, Session } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery, people } from '../../api/people.ts';
import { useCan } from '../../api/session.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { RoleSelect } from './role-select.tsx';
import { useAct } from './use-act.ts';
import { LastSeen, nameOf, signsInWith, Who } from './who.tsx';

type Organisation = Session['organisations'][number];

/** The members of an organisation: their roles, when they were last there, and their leaving. */
export function Members({ organisation }: { organisation: Organisation }) {
  const members = useQuery(membersQuery(organisation.uuid));
  const [leaving, setLeaving] = useState<MemberLine | null>(null);
  const isOwner = useCan()(organisation.uuid, 'organisation:own');
  const say = useToast();

  const setRole = useAct(
    ({ member, role }: { member: MemberLine; role: string; undoing?: true }) =>
      people.setRole(organisation.uuid, member.user, role),
    (_, { member, role, undoing }) =>
      say(
        text.roleChanged(nameOf(member), text.roles[role] ?? role),
        undoing ? undefined : () => setRole.mutate({ member, role: member.role, undoing: true }),
      ),
  );
  const putBack = useAct(
    (member: MemberLine) => people.setRole(organisation.uuid, member.user, member.role),
    (_, member) => say(text.roleChanged(nameOf(member), text.roles[member.role] ?? member.role)),
  );
  const remove = useAct(
    (member: MemberLine) => people.removeMember(organisation.uuid, member.user),
    (_, member) => {
      setLeaving(null);
      say(text.removed(nameOf(member)), () => putBack.mutate(member));
    },
  );

  return (
    <Section title={text.membersOf(organisation.name)}>
      <ErrorNote error={members.error} retry={() => void members.refetch()} />
      <ErrorNote error={setRole.error ?? putBack.error} />
      {members.isPending && <Loading />}
      {members.data && (
        <Table
          caption={text.memberList}
          rows={members.data.results}
          rowKey={({ user }) => user}
          columns={[
            { title: text.name, cell: (member) => <Who account={member} /> },
            {
              title: text.role,
              cell: (member) => (
                <RoleSelect
                  label={text.roleOf(nameOf(member))}
                  value={member.role}
                  mayOwn={isOwner}
                  disabled={setRole.isPending || (member.role === 'owner' && !isOwner)}
                  onChange={(role) => setRole.mutate({ member, role })}
                />
              ),
            },
            { title: text.lastSeen, wide: true, cell: (member) => <LastSeen account={member} /> },
            { title: text.security, wide: true, cell: signsInWith },
            {
              title: text.actions,
              cell: (member) => (
                <Button
                  aria-label={text.removeTitle(nameOf(member))}
                  disabled={member.role === 'owner' && !isOwner}
                  onClick={() => setLeaving(member)}
                >
                  {text.removeShort}
                </Button>
              ),
            },
          ]}
        />
      )}
      {leaving && (
        <Confirm
          title={text.removeTitle(nameOf(leaving))}
          name={leaving.email}
          action={text.removeMember}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{text.removeText(nameOf(leaving), organisation.name)}</p>
        </Confirm>
      )}
    </Section>
  );
}
