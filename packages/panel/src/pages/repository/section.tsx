import type { ApplicationLine, Repository } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { ConnectDialog } from './connect-dialog.tsx';
import { Credentials } from './credentials.tsx';
import { DeployKey } from './deploy-key.tsx';
import { HostKeys } from './host-keys.tsx';
import { Move, MovedTo } from './move.tsx';
import { sourceQuery } from './queries.ts';
import { WebhookSection } from './webhook-section.tsx';

/** Where an application's code comes from, how its fetching goes, and what its host tells. */
export function RepositorySection({ application }: { application: ApplicationLine }) {
  const { uuid, repository_uuid: repositoryUuid, organisation } = application;
  const { data: source } = useSuspenseQuery(sourceQuery(uuid, repositoryUuid));
  const canWrite = useCan()(organisation, 'application:write');
  if (source.kind === 'hosted') return <Hosted application={application} canWrite={canWrite} />;
  return (
    <>
      <Mirror application={application} source={source} canWrite={canWrite} />
      {canWrite && <WebhookSection application={application} source={source} />}
    </>
  );
}

function Hosted({ application, canWrite }: { application: ApplicationLine; canWrite: boolean }) {
  const [isConnecting, setConnecting] = useState(false);
  return (
    <Section
      title={text.title}
      actions={canWrite && <Button onClick={() => setConnecting(true)}>{text.connect}</Button>}
    >
      <p className="text-sm">{text.hosted}</p>
      <p className="mt-1 max-w-prose text-sm text-muted">{text.hostedHint}</p>
      {isConnecting && (
        <ConnectDialog application={application} onClose={() => setConnecting(false)} />
      )}
    </Section>
  );
}

function Mirror({
  application,
  source,
  canWrite,
}: {
  application: ApplicationLine;
  source: Repository;
  canWrite: boolean;
}) {
  const say = useToast();
  const fetch = useControl(
    async () => {
      const { code, detail } = await api.sources.fetch(source.uuid);
      if (code !== 'success') throw new Error(detail ?? code);
    },
    () => say(text.fetchDone),
  );
  return (
    <Section
      title={text.title}
      actions={
        canWrite && (
          <Button busy={fetch.isPending} onClick={() => fetch.mutate(undefined)}>
            {text.fetch}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <Facts
          facts={[
            [text.follows, source.url],
            [text.branch, source.default_branch ?? '-'],
            [text.access, accessText(source)],
            [
              text.fetched,
              source.last_success_at ? (
                <Time key="fetched" at={source.last_success_at} />
              ) : (
                text.never
              ),
            ],
            ...lastTry(source),
            [
              text.next,
              source.next_fetch_at ? (
                <Time key="next" at={source.next_fetch_at} />
              ) : (
                text.nextByWebhook
              ),
            ],
          ]}
        />
        {source.last_error !== null && (
          <Note tone="warn">
            {text.failing(source.failures)} {source.last_error}
          </Note>
        )}
        <ErrorNote error={source.last_error === null ? fetch.error : null} />
        {source.moved_to !== null && (
          <MovedTo source={source} to={source.moved_to} may={canWrite} />
        )}
        {source.moved_from !== null && (
          <Note>
            {text.movedFrom(source.moved_from)}{' '}
            {source.moved_at !== null && <Time at={source.moved_at} />}
          </Note>
        )}
        {source.missing_branches.map(({ environment, branch }) => (
          <Note key={environment} tone="warn">
            {text.missing(environment, branch)}
          </Note>
        ))}
        {source.rewritten.slice(0, 1).map(({ ref, before, at }) => (
          <Note key={at}>
            {text.rewritten(ref, before)} <Time at={at} />
          </Note>
        ))}
        {canWrite && <Move application={application} source={source} />}
        {canWrite && isHttp(source) && <Credentials source={source} />}
        {canWrite && source.auth_info !== null && (
          <DeployKey source={source} publicKey={source.auth_info} />
        )}
        {canWrite && <HostKeys source={source} />}
      </div>
    </Section>
  );
}

const isHttp = ({ url }: Repository): boolean => /^https?:/.test(url);

/** Told only where it was not the fetch that worked. */
const lastTry = ({ failures, last_attempt_at: at }: Repository) =>
  failures > 0 && at !== null ? [[text.tried, <Time key="tried" at={at} />] as const] : [];

function accessText(source: Repository): string {
  const ways = [
    source.has_password ? text.accessToken(source.username) : null,
    source.key_type === null ? null : text.accessKey(source.key_type),
  ].filter((way) => way !== null);
  return ways.length === 0 ? text.accessPublic : ways.join(', ');
}
