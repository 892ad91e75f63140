import type { AccessToken, AccountLine } from '@sluice/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { tokensOfQuery } from '../../api/people.ts';
import { accountText } from '../../text/account.ts';
import { machineText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { Checkbox } from '../../ui/field.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { MadeToken } from '../account/made-token.tsx';
import { TokenForm } from '../account/token-form.tsx';
import { isValid, TokenTable, tokenName } from '../account/token-table.tsx';
import { useAct } from '../people/use-act.ts';

/** What opens a machine user's account. */
export function MachineTokens({ machine }: { machine: AccountLine }) {
  const { uuid, email } = machine;
  const tokens = useQuery(tokensOfQuery(uuid));
  const [showsOld, setShowsOld] = useState(false);
  const [doomed, setDoomed] = useState<AccessToken | null>(null);
  const [isMaking, setMaking] = useState(false);
  const say = useToast();
  const revoke = useAct(api.tokens.revoke, () => {
    setDoomed(null);
    say(accountText.tokenRevoked);
  });
  const now = new Date();
  const all = tokens.data?.results ?? [];
  const valid = all.filter((token) => isValid(token, now));
  const shown = showsOld ? all : valid;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-medium">{text.tokens}</h3>
        {machine.disabled_at === null && (
          <Button aria-label={text.newTokenFor(email)} onClick={() => setMaking(true)}>
            {text.newToken}
          </Button>
        )}
      </div>
      <ErrorNote error={tokens.error} retry={() => void tokens.refetch()} />
      {tokens.isPending && <Loading lines={2} />}
      {tokens.data && valid.length === 0 && <p className="text-sm text-muted">{text.noTokens}</p>}
      {shown.length > 0 && (
        <TokenTable tokens={shown} onRevoke={setDoomed} caption={text.tokensOf(email)} />
      )}
      {all.length > valid.length && (
        <Checkbox label={accountText.showOld} checked={showsOld} onChange={setShowsOld} />
      )}
      {isMaking && <NewToken machine={machine} onClose={() => setMaking(false)} />}
      {doomed && (
        <Confirm
          title={accountText.revokeTitle}
          action={accountText.revoke}
          busy={revoke.isPending}
          error={<ErrorNote error={revoke.error} />}
          onConfirm={() => revoke.mutate(doomed.uuid)}
          onClose={() => setDoomed(null)}
        >
          <p>{accountText.revokeText(tokenName(doomed))}</p>
        </Confirm>
      )}
    </div>
  );
}

function NewToken({ machine, onClose }: { machine: AccountLine; onClose: () => void }) {
  const [token, setToken] = useState<string | null>(null);
  const queryClient = useQueryClient();
  return (
    <Dialog
      title={token === null ? text.newTokenFor(machine.email) : accountText.tokenMade}
      onClose={onClose}
    >
      {token === null ? (
        <TokenForm
          user={machine.uuid}
          onMade={(made) => {
            setToken(made.token);
            void queryClient.invalidateQueries({ queryKey: keys.people() });
          }}
        />
      ) : (
        <MadeToken token={token} />
      )}
    </Dialog>
  );
}
