import type { ApplicationLine } from '@sluice/contract';
import { useState } from 'react';
import { repository as text } from '../../text/repository.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox } from '../../ui/field.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { AddressFields, NOTHING_GIVEN } from './address-fields.tsx';
import { useConnect } from './use-connect.ts';

/** Turns a hosted repository into a mirror; the server judges the address. */
export function ConnectDialog({
  application,
  onClose,
}: {
  application: ApplicationLine;
  onClose: () => void;
}) {
  const [given, setGiven] = useState(NOTHING_GIVEN);
  const [replace, setReplace] = useState(false);
  const say = useToast();
  const connect = useConnect(application, () => {
    onClose();
    say(text.connected);
  });
  return (
    <FormDialog
      title={text.connect}
      action={text.connectAction}
      busy={connect.isPending}
      onSubmit={() => connect.mutate({ ...given, replace })}
      onClose={onClose}
    >
      <AddressFields given={given} onChange={setGiven} error={connect.error} />
      <Checkbox
        label={text.replace}
        hint={text.replaceHint}
        checked={replace}
        onChange={setReplace}
      />
    </FormDialog>
  );
}
