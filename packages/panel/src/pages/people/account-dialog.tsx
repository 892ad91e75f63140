import type { AccountLine, AccountLink } from '@sluice/contract';
import { useState } from 'react';
import { people } from '../../api/people.ts';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { MadeLink } from './made-link.tsx';
import { useAct } from './use-act.ts';
import { nameOf } from './who.tsx';

type Asking = 'link' | 'two_factor' | 'disable' | 'admin';

/** What an administrator can do to an account; everything that hurts is asked for once more. */
export function AccountDialog({ account, onClose }: { account: AccountLine; onClose: () => void }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [link, setLink] = useState<AccountLink | null>(null);
  const say = useToast();
  const name = nameOf(account);
  const { uuid } = account;

  const enable = useAct(
    () => people.change(uuid, { disabled: false }),
    () => say(text.enabledNow(name)),
  );
  const disable = useAct(
    () => people.change(uuid, { disabled: true }),
    () => {
      onClose();
      say(text.disabledNow(name), () => enable.mutate(undefined));
    },
  );
  const setAdmin = useAct(
    (isAdmin: boolean) => people.change(uuid, { is_admin: isAdmin }),
    (_, isAdmin) => {
      onClose();
      say(isAdmin ? text.madeAdmin(name) : text.droppedAdmin(name), () =>
        setAdmin.mutate(!isAdmin),
      );
    },
  );
  const makeLink = useAct(() => people.passwordLink(uuid), setLink);
  const reset = useAct(
    () => people.resetTwoFactor(uuid),
    () => {
      onClose();
      say(text.resetDone(name));
    },
  );

  if (link !== null) {
    return (
      <Dialog title={text.passwordLinkTitle(name)} onClose={onClose}>
        <MadeLink link={link} onClose={onClose} />
      </Dialog>
    );
  }
  if (asking === 'link') {
    return (
      <Confirm
        title={text.passwordLinkTitle(name)}
        action={text.makeLink}
        busy={makeLink.isPending}
        error={<ErrorNote error={makeLink.error} />}
        onConfirm={() => makeLink.mutate(undefined)}
        onClose={onClose}
      >
        <p>{text.passwordLinkText}</p>
      </Confirm>
    );
  }
  if (asking === 'two_factor') {
    return (
      <Confirm
        title={text.resetTitle(name)}
        name={account.email}
        action={text.resetTwoFactor}
        busy={reset.isPending}
        error={<ErrorNote error={reset.error} />}
        onConfirm={() => reset.mutate(undefined)}
        onClose={onClose}
      >
        <p>{text.resetText}</p>
      </Confirm>
    );
  }
  if (asking === 'disable') {
    return (
      <Confirm
        title={text.disableTitle(name)}
        name={account.email}
        action={text.disable}
        busy={disable.isPending}
        error={<ErrorNote error={disable.error} />}
        onConfirm={() => disable.mutate(undefined)}
        onClose={onClose}
      >
        <p>{text.disableText}</p>
      </Confirm>
    );
  }
  if (asking === 'admin') {
    return (
      <Confirm
        title={text.makeAdminTitle(name)}
        name={account.email}
        action={text.makeAdmin}
        busy={setAdmin.isPending}
        error={<ErrorNote error={setAdmin.error} />}
        onConfirm={() => setAdmin.mutate(true)}
        onClose={onClose}
      >
        <p>{text.makeAdminText}</p>
      </Confirm>
    );
  }
  const isDisabled = account.disabled_at !== null;
  return (
    <Dialog title={name} onClose={onClose}>
      <div className="flex flex-col items-stretch gap-2">
        <ErrorNote error={enable.error ?? setAdmin.error} />
        <Button disabled={isDisabled} onClick={() => setAsking('link')}>
          {text.passwordLink}
        </Button>
        {account.two_factor && (
          <Button onClick={() => setAsking('two_factor')}>{text.resetTwoFactor}</Button>
        )}
        {account.is_admin ? (
          <Button busy={setAdmin.isPending} onClick={() => setAdmin.mutate(false)}>
            {text.dropAdmin}
          </Button>
        ) : (
          <Button disabled={isDisabled} onClick={() => setAsking('admin')}>
            {text.makeAdmin}
          </Button>
        )}
        {isDisabled ? (
          <Button busy={enable.isPending} onClick={() => enable.mutate(undefined)}>
            {text.enable}
          </Button>
        ) : (
          <Button kind="danger" onClick={() => setAsking('disable')}>
            {text.disable}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
