import type { Security, TwoFactorBegun } from '@sluice/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useFreshMutation } from './fresh.tsx';
import { RecoveryCodesDialog } from './recovery-codes.tsx';
import { TwoFactorSetup } from './two-factor-setup.tsx';

/** Fewer than these, and it is time for new ones. */
const FEW = 3;

export function TwoFactorSection({ state }: { state: Security['two_factor'] }) {
  const [begun, setBegun] = useState<TwoFactorBegun | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [isAsking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const say = useToast();
  const reread = () => queryClient.invalidateQueries({ queryKey: keys.account() });
  const begin = useFreshMutation({ mutationFn: api.account.twoFactor.begin, onSuccess: setBegun });
  const renew = useFreshMutation({
    mutationFn: api.account.twoFactor.renewCodes,
    onSuccess: (made) => {
      setCodes(made.codes);
      return reread();
    },
  });
  const disable = useFreshMutation({
    mutationFn: api.account.twoFactor.disable,
    onSuccess: () => {
      setAsking(false);
      say(accountText.turnedOff);
      return reread();
    },
  });
  const confirmed = (made: readonly string[]) => {
    setBegun(null);
    setCodes(made);
    void reread();
  };

  return (
    <Section title={accountText.twoFactor}>
      <div className="flex flex-col gap-3 text-sm">
        <ErrorNote error={begin.error ?? renew.error} />
        <p>{state.enabled ? accountText.twoFactorOn : accountText.twoFactorOff}</p>
        {state.enabled && <p>{accountText.codesLeft(state.recovery_codes_left)}</p>}
        {state.enabled && state.recovery_codes_left < FEW && (
          <Note tone="warn">{accountText.fewCodes}</Note>
        )}
        <div className="flex flex-wrap gap-2">
          {state.enabled ? (
            <>
              <Button busy={renew.busy} onClick={() => renew.run()}>
                {accountText.newCodes}
              </Button>
              <Button kind="danger" onClick={() => setAsking(true)}>
                {accountText.turnOff}
              </Button>
            </>
          ) : (
            <Button kind="primary" busy={begin.busy} onClick={() => begin.run()}>
              {accountText.turnOn}
            </Button>
          )}
        </div>
      </div>
      {begun && (
        <TwoFactorSetup begun={begun} onConfirmed={confirmed} onClose={() => setBegun(null)} />
      )}
      {codes && <RecoveryCodesDialog codes={codes} onClose={() => setCodes(null)} />}
      {isAsking && (
        <Confirm
          title={accountText.turnOffTitle}
          action={accountText.turnOff}
          busy={disable.busy}
          error={<ErrorNote error={disable.error} />}
          onConfirm={() => disable.run()}
          onClose={() => setAsking(false)}
        >
          <p>{accountText.turnOffText}</p>
        </Confirm>
      )}
      {begin.dialog ?? renew.dialog ?? disable.dialog}
    </Section>
  );
}
