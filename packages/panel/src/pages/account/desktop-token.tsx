import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader, Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { MadeToken } from './made-token.tsx';
import { tokensQuery } from './queries.ts';

/** Where `divio login` and `sluice login` send the browser for a token to paste. */
export function Page() {
  useDocumentState(accountText.desktopTitle);
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: () => api.tokens.create({ name: accountText.desktopName }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  return (
    <>
      <PageHeader title={accountText.desktopTitle} />
      <Section title={accountText.token}>
        <div className="flex flex-col items-start gap-4 text-sm">
          <p className="max-w-prose">{accountText.desktopText}</p>
          <ErrorNote error={make.error} />
          {make.data === undefined ? (
            // On a click only: a link somewhere must not make tokens.
            <Button kind="primary" busy={make.isPending} onClick={() => make.mutate()}>
              {accountText.desktopMake}
            </Button>
          ) : (
            <>
              <p>{accountText.desktopPaste}</p>
              <MadeToken token={make.data.token} />
            </>
          )}
        </div>
      </Section>
    </>
  );
}
