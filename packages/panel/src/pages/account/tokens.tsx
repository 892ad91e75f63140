import type { AccessToken } from '@sluice/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { Checkbox } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { Empty, ErrorNote, Loading } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { MadeToken } from './made-token.tsx';
import { tokensQuery } from './queries.ts';
import { AccountHeader } from './tabs.tsx';
import { TokenForm } from './token-form.tsx';
import { isValid, TokenTable, tokenName } from './token-table.tsx';

export function Page() {
  useDocumentState(accountText.tokens);
  const tokens = useQuery(tokensQuery);
  const [isMaking, setMaking] = useState(false);
  const newButton = (
    <Button kind="primary" onClick={() => setMaking(true)}>
      {accountText.newToken}
    </Button>
  );
  const all = tokens.data?.results ?? [];
  return (
    <>
      <AccountHeader />
      <Section title={accountText.tokens} actions={all.length > 0 && newButton}>
        <p className="mb-4 max-w-prose text-sm text-muted">{accountText.tokensText}</p>
        <ErrorNote error={tokens.error} retry={() => void tokens.refetch()} />
        {tokens.isPending && <Loading />}
        {tokens.data &&
          (all.length === 0 ? (
            <Empty title={accountText.noTokens} action={newButton}>
              {accountText.noTokensText}
            </Empty>
          ) : (
            <Tokens tokens={all} />
          ))}
      </Section>
      {isMaking && <NewToken onClose={() => setMaking(false)} />}
    </>
  );
}

function Tokens({ tokens }: { tokens: readonly AccessToken[] }) {
  const [showsOld, setShowsOld] = useState(false);
  const [doomed, setDoomed] = useState<AccessToken | null>(null);
  const queryClient = useQueryClient();
  const say = useToast();
  const now = new Date();
  const revoke = useMutation({
    mutationFn: api.tokens.revoke,
    onSuccess: async () => {
      setDoomed(null);
      say(accountText.tokenRevoked);
      await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  const hasOld = tokens.some((token) => !isValid(token, now));
  return (
    <div className="flex flex-col gap-4">
      <TokenTable
        tokens={showsOld ? tokens : tokens.filter((token) => isValid(token, now))}
        onRevoke={setDoomed}
      />
      {hasOld && <Checkbox label={accountText.showOld} checked={showsOld} onChange={setShowsOld} />}
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

function NewToken({ onClose }: { onClose: () => void }) {
  const [token, setToken] = useState<string | null>(null);
  const queryClient = useQueryClient();
  return (
    <Dialog title={token === null ? accountText.newToken : accountText.tokenMade} onClose={onClose}>
      {token === null ? (
        <TokenForm
          onMade={(made) => {
            setToken(made.token);
            void queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
          }}
        />
      ) : (
        <MadeToken token={token} />
      )}
    </Dialog>
  );
}
