import type { ApplicationLine, Repository } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { onboarding as text } from '../../text/onboarding.ts';
import { repository } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { Note } from '../../ui/notes.tsx';
import { proposalQuery } from '../onboarding/queries.ts';
import { AddressFields, NOTHING_GIVEN } from '../repository/address-fields.tsx';
import { sourceQuery } from '../repository/queries.ts';
import { RepositorySection } from '../repository/section.tsx';
import { useConnect } from '../repository/use-connect.ts';
import { FirstDeployment } from './first-deployment.tsx';

/** Code that stays at its host: where it is, whether it can be read, what tells of pushes, and a first deployment. */
export function ConnectStep({
  application,
  onGoOn,
}: {
  application: ApplicationLine;
  onGoOn: (sha: string) => void;
}) {
  const { data: source } = useSuspenseQuery(
    sourceQuery(application.uuid, application.repository_uuid),
  );
  if (source.kind === 'hosted') return <Address application={application} />;
  return <Connected application={application} source={source} onGoOn={onGoOn} />;
}

function Address({ application }: { application: ApplicationLine }) {
  const [given, setGiven] = useState(NOTHING_GIVEN);
  const connect = useConnect(application, () => undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    connect.mutate({ ...given, replace: false });
  };
  return (
    <Section title={text.connectTitle}>
      <form onSubmit={submit} className="flex max-w-xl flex-col gap-4">
        <p className="text-sm text-muted">{text.connectHint}</p>
        <AddressFields given={given} onChange={setGiven} error={connect.error} />
        <div>
          <Button kind="primary" type="submit" busy={connect.isPending}>
            {repository.connectAction}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Connected({
  application,
  source,
  onGoOn,
}: {
  application: ApplicationLine;
  source: Repository;
  onGoOn: (sha: string) => void;
}) {
  const { data: proposal } = useSuspenseQuery(proposalQuery(application.uuid));
  const isHere = source.last_success_at !== null && proposal.head !== null;
  return (
    <>
      <div className="mb-5 flex flex-col gap-3" aria-live="polite">
        <Check source={source} branch={proposal.head === null ? null : proposal.branch} />
        {isHere && (
          <Note tone={source.webhook?.last_delivery_at ? 'good' : 'info'}>
            {source.webhook?.last_delivery_at ? text.webhookWorks : text.webhookNext}
          </Note>
        )}
      </div>
      <RepositorySection application={application} />
      {isHere && <FirstDeployment application={application} proposal={proposal} onGoOn={onGoOn} />}
    </>
  );
}

/** Whether Sluice can read it, as it is at this moment. */
function Check({ source, branch }: { source: Repository; branch: string | null }) {
  if (source.last_error !== null) {
    return (
      <Note tone="warn">
        {text.checkFailed} {source.auth_info === null ? text.checkFailedToken : text.checkFailedKey}
      </Note>
    );
  }
  if (source.last_success_at === null) return <Note>{text.checking}</Note>;
  return branch === null ? (
    <Note>{text.checkEmpty}</Note>
  ) : (
    <Note tone="good">{text.checked(branch)}</Note>
  );
}
