import type { ApplicationLine } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LoaderCircle } from 'lucide-react';
import { useSession } from '../../api/session.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { CopyBlock } from '../../ui/copy.tsx';
import { Section } from '../../ui/layout.tsx';
import { Note } from '../../ui/notes.tsx';
import { Detected } from '../onboarding/detected.tsx';
import { Findings } from '../onboarding/findings.tsx';
import { ProposalForm } from '../onboarding/proposal-form.tsx';
import { connectQuery, proposalQuery } from '../onboarding/queries.ts';
import { VariablesForm } from '../onboarding/variables-form.tsx';

/** How to push; once something is there, what it tells and what is proposed for it. */
export function PushStep({
  application,
  onCommitted,
}: {
  application: ApplicationLine;
  onCommitted: (sha: string) => void;
}) {
  const { data: proposal } = useSuspenseQuery(proposalQuery(application.uuid));
  if (!proposal.has_code) return <Waiting application={application} />;
  return (
    <>
      <div className="mb-5">
        <Note tone="good">{text.arrived(proposal.branch ?? '')}</Note>
      </div>
      <Detected proposal={proposal} />
      <Findings proposal={proposal} />
      {proposal.variables.length > 0 && (
        <VariablesForm application={application} variables={proposal.variables} />
      )}
      <ProposalForm
        key={proposal.head}
        application={application}
        proposal={proposal}
        onCommitted={onCommitted}
      />
    </>
  );
}

function Waiting({ application }: { application: ApplicationLine }) {
  const { data: connect } = useSuspenseQuery(connectQuery(application.uuid));
  const { user } = useSession();
  const { origin } = new URL(connect.git_url);
  const commands = [`git remote add sluice ${connect.git_url}`, 'git push sluice HEAD'].join('\n');
  return (
    <Section title={text.pushTitle}>
      <div className="flex flex-col gap-5">
        <CopyBlock label={text.pushFirst} text={commands} />
        <p className="text-sm text-muted">{text.pushHint}</p>
        <div className="flex flex-col gap-2 text-sm">
          <h3 className="font-medium">{text.credentials}</h3>
          <CopyBlock
            label={text.credentialsCli}
            text={[
              `sluice --zone ${origin} login`,
              `git config --global credential.${origin}.helper '!sluice git-credential'`,
            ].join('\n')}
          />
          <p>
            {text.credentialsToken} <code className="text-xs">{user.email}</code>{' '}
            <Link to="/account/tokens" className="text-accent underline underline-offset-2">
              {text.makeToken}
            </Link>
          </p>
        </div>
        <div
          role="status"
          className="flex items-center gap-3 rounded-md border border-line bg-raised px-3 py-2 text-sm"
        >
          <LoaderCircle aria-hidden className="size-4 animate-spin text-busy" />
          <div>
            <p className="font-medium">{text.waiting}</p>
            <p className="text-muted">{text.waitingHint}</p>
          </div>
        </div>
      </div>
    </Section>
  );
}
