import type { InvitationCreated, Session } from '@sluice/contract';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { people } from '../../api/people.ts';
import { useCan } from '../../api/session.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { MadeLink } from './made-link.tsx';
import { ROLE_NAMES } from './role-select.tsx';
import { useAct } from './use-act.ts';

/** Asks somebody in, and shows the link to hand over. */
export function InviteDialog({
  organisation,
  onClose,
}: {
  organisation: Session['organisations'][number];
  onClose: () => void;
}) {
  const [made, setMade] = useState<InvitationCreated | null>(null);
  return (
    <Dialog title={made === null ? text.invite : text.invitedTitle(made.email)} onClose={onClose}>
      {made === null && <InviteForm organisation={organisation.uuid} onMade={setMade} />}
      {made !== null && made.link !== null && <MadeLink link={made.link} onClose={onClose} />}
      {made !== null && made.link === null && (
        <div className="flex flex-col gap-4">
          <p>{text.joined(made.email)}</p>
          <Button onClick={onClose}>{text.done}</Button>
        </div>
      )}
    </Dialog>
  );
}

function InviteForm({
  organisation,
  onMade,
}: {
  organisation: string;
  onMade: (made: InvitationCreated) => void;
}) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string>('deployer');
  const mayOwn = useCan()(organisation, 'organisation:own');
  const invite = useAct(() => people.invite(organisation, { email, role }), onMade);
  const fields = invite.error instanceof ApiError ? invite.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-sm text-muted">{text.inviteText}</p>
      {fields['email'] === undefined && <ErrorNote error={invite.error} />}
      <TextField
        label={text.email}
        error={fields['email']?.join(' ')}
        type="email"
        value={email}
        onChange={setEmail}
        autoComplete="off"
        autoFocus
        required
      />
      <SelectField label={text.role} hint={text.rolesText[role]} value={role} onChange={setRole}>
        {ROLE_NAMES.filter((one) => mayOwn || one !== 'owner').map((one) => (
          <option key={one} value={one}>
            {text.roles[one]}
          </option>
        ))}
      </SelectField>
      <Button kind="primary" type="submit" busy={invite.isPending}>
        {text.inviteButton}
      </Button>
    </form>
  );
}
