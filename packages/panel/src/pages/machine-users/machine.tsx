import type { AccountLine } from '@sluice/contract';
import { useState } from 'react';
import { people } from '../../api/people.ts';
import { peopleText, machineText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { belongsTo } from '../people/accounts.tsx';
import { useAct } from '../people/use-act.ts';
import { LastSeen } from '../people/who.tsx';
import { MachineTokens } from './machine-tokens.tsx';

/** One machine user with its tokens. */
export function Machine({ machine }: { machine: AccountLine }) {
  const { uuid, email } = machine;
  const [asking, setAsking] = useState<'delete' | 'disable' | null>(null);
  const say = useToast();
  const enable = useAct(
    () => people.change(uuid, { disabled: false }),
    () => say(peopleText.enabledNow(email)),
  );
  const disable = useAct(
    () => people.change(uuid, { disabled: true }),
    () => {
      setAsking(null);
      say(peopleText.disabledNow(email), () => enable.mutate(undefined));
    },
  );
  const remove = useAct(
    () => people.remove(uuid),
    () => say(text.deleted(email)),
  );
  const isDisabled = machine.disabled_at !== null;
  return (
    <Section
      title={isDisabled ? `${email} (${peopleText.disabled})` : email}
      actions={
        <>
          {isDisabled ? (
            <Button
              aria-label={text.enableOf(email)}
              busy={enable.isPending}
              onClick={() => enable.mutate(undefined)}
            >
              {text.enable}
            </Button>
          ) : (
            <Button aria-label={text.disableOf(email)} onClick={() => setAsking('disable')}>
              {text.disable}
            </Button>
          )}
          <Button
            kind="danger"
            aria-label={text.deleteOf(email)}
            onClick={() => setAsking('delete')}
          >
            {text.delete}
          </Button>
        </>
      }
    >
      <ErrorNote error={enable.error} />
      <div className="mb-4">
        <Facts
          facts={[
            [peopleText.belongsTo, belongsTo(machine)],
            [peopleText.lastSeen, <LastSeen key="seen" account={machine} />],
          ]}
        />
      </div>
      <MachineTokens machine={machine} />
      {asking === 'disable' && (
        <Confirm
          title={peopleText.disableTitle(email)}
          name={email}
          action={text.disable}
          busy={disable.isPending}
          error={<ErrorNote error={disable.error} />}
          onConfirm={() => disable.mutate(undefined)}
          onClose={() => setAsking(null)}
        >
          <p>{peopleText.disableText}</p>
        </Confirm>
      )}
      {asking === 'delete' && (
        <Confirm
          title={text.deleteTitle(email)}
          name={email}
          action={text.delete}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(null)}
        >
          <p>{text.deleteText}</p>
        </Confirm>
      )}
    </Section>
  );
}
