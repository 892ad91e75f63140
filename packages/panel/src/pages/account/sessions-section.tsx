import type { SignedIn } from '@sluice/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { browserName } from './browser-name.ts';
import { sessionsQuery } from './queries.ts';

/** The browsers that are signed in, and signing them out from here. */
export function SessionsSection() {
  const sessions = useQuery(sessionsQuery);
  const queryClient = useQueryClient();
  const say = useToast();
  const end = useMutation({
    mutationFn: api.session.end,
    onSuccess: () => say(accountText.sessionEnded),
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const button = ({ uuid, current, user_agent: userAgent }: SignedIn) =>
    current ? (
      <span className="text-xs text-muted">{accountText.thisBrowser}</span>
    ) : (
      <Button
        busy={end.isPending && end.variables === uuid}
        aria-label={accountText.endSessionOf(browserName(userAgent))}
        onClick={() => end.mutate(uuid)}
      >
        {accountText.endSession}
      </Button>
    );
  return (
    <Section title={accountText.sessions}>
      <p className="mb-3 text-sm text-muted">{accountText.sessionsHint}</p>
      <ErrorNote error={end.error} />
      <ErrorNote error={sessions.error} retry={() => void sessions.refetch()} />
      {sessions.isPending && <Loading lines={2} />}
      {sessions.data && (
        <Table
          caption={accountText.sessionsTable}
          rows={sessions.data.results}
          rowKey={({ uuid }) => uuid}
          columns={[
            {
              title: accountText.browser,
              cell: ({ user_agent, address }) => (
                <span title={user_agent}>
                  {browserName(user_agent)} <span className="text-muted">{address}</span>
                </span>
              ),
            },
            {
              title: accountText.signedInBy,
              wide: true,
              cell: ({ method, created_at }) => (
                <>
                  <Time at={created_at} /> {accountText.methods[method] ?? method}
                </>
              ),
            },
            { title: accountText.lastSeen, cell: ({ last_seen_at }) => <Time at={last_seen_at} /> },
            { title: accountText.actions, cell: button },
          ]}
        />
      )}
    </Section>
  );
}
