import type { Invitation, InvitationCreated, Session } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { invitationsQuery, people } from '../../api/people.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { MadeLink } from './made-link.tsx';
import { useAct } from './use-act.ts';

/** Those who were asked in and have not come yet; nothing where there is none. */
export function Invitations({ organisation }: { organisation: Session['organisations'][number] }) {
  const invitations = useQuery(invitationsQuery(organisation.uuid));
  const [made, setMade] = useState<InvitationCreated | null>(null);
  const say = useToast();
  const renew = useAct(
    ({ email, role }: Invitation) => people.invite(organisation.uuid, { email, role }),
    setMade,
  );
  const withdraw = useAct(
    ({ uuid }: Invitation) => people.withdraw(organisation.uuid, uuid),
    (_, { email }) => say(text.withdrawn(email)),
  );
  const open = invitations.data?.results ?? [];
  if (open.length === 0 && !invitations.isError && made === null) return null;
  return (
    <Section title={text.invitations}>
      <ErrorNote error={invitations.error} retry={() => void invitations.refetch()} />
      <ErrorNote error={renew.error ?? withdraw.error} />
      <Table
        caption={text.invitationList}
        rows={open}
        rowKey={({ uuid }) => uuid}
        columns={[
          { title: text.email, cell: ({ email }) => <span className="break-all">{email}</span> },
          { title: text.role, cell: ({ role }) => text.roles[role] ?? role },
          { title: text.invitedBy, wide: true, cell: ({ created_by }) => created_by },
          {
            title: text.expires,
            cell: ({ expired, expires_at }) => (expired ? text.expired : <Time at={expires_at} />),
          },
          {
            title: text.actions,
            cell: (invitation) => (
              <div className="flex flex-wrap gap-2">
                <Button
                  aria-label={text.inviteAgainOf(invitation.email)}
                  busy={renew.isPending && renew.variables.uuid === invitation.uuid}
                  onClick={() => renew.mutate(invitation)}
                >
                  {text.inviteAgain}
                </Button>
                <Button
                  kind="danger"
                  aria-label={text.withdrawOf(invitation.email)}
                  busy={withdraw.isPending && withdraw.variables.uuid === invitation.uuid}
                  onClick={() => withdraw.mutate(invitation)}
                >
                  {text.withdraw}
                </Button>
              </div>
            ),
          },
        ]}
      />
      {made !== null && made.link !== null && (
        <Dialog title={text.invitedTitle(made.email)} onClose={() => setMade(null)}>
          <MadeLink link={made.link} onClose={() => setMade(null)} />
        </Dialog>
      )}
    </Section>
  );
}
