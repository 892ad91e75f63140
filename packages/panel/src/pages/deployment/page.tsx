import type { Deployment } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { applicationKey } from '../../api/overview.ts';
import { deploymentQuery, storyQuery, usePlaceOf } from '../../api/running.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { running as text } from '../../text/running.ts';
import { stateText } from '../../text/states.ts';
import { shortSha } from '../../ui/commit.tsx';
import { PageHeader, Section } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Note } from '../../ui/notes.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Requester } from '../../ui/requester.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Duration, Time } from '../../ui/time.tsx';
import { Actions } from './actions.tsx';
import { Brought } from './brought.tsx';
import { Decisions, Signals } from './decisions.tsx';
import { DeploymentFacts } from './facts.tsx';
import { DeploymentLog } from './log.tsx';
import { Steps } from './steps.tsx';

/** One deployment: how far it is, what it brings, who asked and what was decided. */
export function Page() {
  const { deployment: uuid = '' } = useParams({ strict: false });
  const { data: deployment } = useSuspenseQuery(deploymentQuery(uuid));
  const { data: story } = useSuspenseQuery(storyQuery(uuid));
  const { application, environment } = usePlaceOf(deployment.application, deployment.environment);
  const commit = deployment.commit ?? deployment.target;
  const title = text.deploymentOf(
    commit === null ? text.anyCommit : shortSha(commit),
    environment?.slug ?? text.removedEnvironment,
  );
  useDocumentState(title, deployment.status);
  const app = application === undefined ? null : applicationKey(application);
  return (
    <>
      <PageHeader
        title={title}
        trail={
          app !== null && (
            <>
              <Link to="/applications/$app" params={{ app }}>
                {application?.name}
              </Link>
              <span aria-hidden>/</span>
              <Link to="/applications/$app/deployments" params={{ app }}>
                {text.deployments}
              </Link>
              {environment !== undefined && (
                <>
                  <span aria-hidden>/</span>
                  <Link
                    to="/applications/$app/environments/$env"
                    params={{ app, env: environment.slug }}
                  >
                    {environment.slug}
                  </Link>
                </>
              )}
            </>
          )
        }
        meta={
          <>
            <StateBadge state={deployment.status} />
            <Time at={deployment.started_at} />
            <span>
              {text.took} <Duration from={deployment.started_at} to={deployment.ended_at} />
            </span>
            {deployment.requested_by !== null && (
              <span>
                {text.askedForBy} <Requester email={deployment.requested_by} />
              </span>
            )}
          </>
        }
        actions={
          application !== undefined &&
          environment !== undefined && (
            <Actions
              application={application}
              environment={environment}
              deployment={deployment}
              release={story.release}
            />
          )
        }
      />
      <HowItEnded deployment={deployment} />
      <Section title={text.steps}>
        <Steps steps={story.steps} />
      </Section>
      <Section title={text.log}>
        <DeploymentLog deployment={deployment} />
      </Section>
      <Section
        title={
          story.commits.length === 0 && story.removed.length > 0
            ? text.commitsRemoved
            : text.commits
        }
      >
        <Brought app={app} story={story} isHere={deployment.commit !== null} />
      </Section>
      <div className="grid items-start gap-x-5 lg:grid-cols-2">
        <Section title={text.decisions}>
          <Decisions story={story} />
        </Section>
        <div>
          <Section title={text.asked}>
            <Signals story={story} />
          </Section>
          <Section title={text.release}>
            <DeploymentFacts app={app} deployment={deployment} story={story} />
          </Section>
        </div>
      </div>
    </>
  );
}

/** While it lasts: how far it is. Afterwards: why it ended as it did. */
function HowItEnded({ deployment }: { deployment: Deployment }) {
  if (deployment.ended_at === null) {
    return (
      <div className="mb-5">
        <Progress percent={deployment.percent} label={text.progress} />
      </div>
    );
  }
  // That it went live is said already, and may be long over.
  if (deployment.reason === null || deployment.status === 'SUCCEEDED') return null;
  const isBad = stateText(deployment.status).tone === 'bad';
  return (
    <div className="mb-5">
      <Note tone={isBad ? 'warn' : 'info'}>
        <span className="break-words">{sentence(deployment.reason)}</span>
        {deployment.superseded_by !== null && (
          <>
            {' '}
            <TextLink
              to="/deployments/$deployment"
              params={{ deployment: deployment.superseded_by }}
            >
              {text.takenBy}
            </TextLink>
          </>
        )}
      </Note>
    </div>
  );
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
