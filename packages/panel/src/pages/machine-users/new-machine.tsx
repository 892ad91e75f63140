import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { people } from '../../api/people.ts';
import { useSession } from '../../api/session.ts';
import { peopleText, machineText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { ROLE_NAMES } from '../people/role-select.tsx';
import { useAct } from '../people/use-act.ts';

export function NewMachine({ onClose }: { onClose: () => void }) {
  const { organisations } = useSession();
  const [email, setEmail] = useState('');
  const [organisation, setOrganisation] = useState(organisations[0]?.uuid ?? '');
  const [role, setRole] = useState('deployer');
  const say = useToast();
  const create = useAct(
    () =>
      people.create({
        ...{ email, is_machine: true },
        ...(organisation === '' ? {} : { organisation, role }),
      }),
    (made) => {
      onClose();
      say(text.created(made.email));
    },
  );
  const fields = create.error instanceof ApiError ? create.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(undefined);
  };
  return (
    <Dialog title={text.create} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {fields['email'] === undefined && <ErrorNote error={create.error} />}
        <TextField
          label={text.email}
          hint={text.emailHint}
          error={fields['email']?.join(' ')}
          type="email"
          value={email}
          onChange={setEmail}
          autoComplete="off"
          autoFocus
          required
        />
        <SelectField
          label={peopleText.organisation}
          value={organisation}
          onChange={setOrganisation}
        >
          {organisations.map(({ uuid, name }) => (
            <option key={uuid} value={uuid}>
              {name}
            </option>
          ))}
          <option value="">{text.noOrganisation}</option>
        </SelectField>
        {organisation !== '' && (
          <SelectField
            label={peopleText.role}
            hint={peopleText.rolesText[role]}
            value={role}
            onChange={setRole}
          >
            {ROLE_NAMES.map((one) => (
              <option key={one} value={one}>
                {peopleText.roles[one]}
              </option>
            ))}
          </SelectField>
        )}
        <Button kind="primary" type="submit" busy={create.isPending}>
          {text.createButton}
        </Button>
      </form>
    </Dialog>
  );
}
