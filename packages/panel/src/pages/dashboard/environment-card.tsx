import type { EnvironmentLine } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { Hand } from 'lucide-react';
import { overview as text } from '../../text/overview.ts';
import { stateText } from '../../text/states.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';

interface EnvironmentProps {
  /** The application's key in addresses. */
  readonly app: string;
  readonly environment: EnvironmentLine;
}

/** What answers at an environment's address, and since when. */
export function LiveCommit({ app, environment: { live } }: EnvironmentProps) {
  if (live === null) return <p className="text-sm text-muted">{text.nothingLive}</p>;
  return (
    <p className="min-w-0 text-sm">
      <CommitLink app={app} sha={live.commit.sha} />{' '}
      <span className="break-words">{live.commit.subject}</span>{' '}
      <span className="whitespace-nowrap text-muted">
        {text.since} <Time at={live.since} />
      </span>
    </p>
  );
}

/** What is on its way, how far it is, and where to watch it. */
export function Moving({ environment: { moving, slug } }: Pick<EnvironmentProps, 'environment'>) {
  if (moving === null) return null;
  const { label } = stateText(moving.status);
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <Link to="/deployments/$deployment" params={{ deployment: moving.uuid }}>
          <StateBadge state={moving.status} />
        </Link>
        {moving.commit !== null && (
          <code className="font-mono text-xs">{moving.commit.slice(0, 10)}</code>
        )}
      </p>
      <Progress percent={moving.percent} label={`${slug}: ${label}`} />
    </div>
  );
}

/** Why the last deployment is not live, in its own words. */
export function LastFailure({
  environment: { last_failure: failure },
}: Pick<EnvironmentProps, 'environment'>) {
  if (failure === null) return null;
  const isFailed = failure.status === 'FAILED';
  return (
    <p className={`text-sm break-words ${isFailed ? 'text-bad' : 'text-muted'}`}>
      <Link
        to="/deployments/$deployment"
        params={{ deployment: failure.uuid }}
        className="text-inherit underline underline-offset-2"
      >
        {isFailed ? text.lastFailure : text.lastCancelled}
      </Link>{' '}
      <Time at={failure.at} />
      {failure.reason !== null && `: ${failure.reason}`}
    </p>
  );
}

/** That nothing goes live here until somebody resumes, who said so, and why. */
export function Hold({ environment: { hold } }: Pick<EnvironmentProps, 'environment'>) {
  if (hold === null) return null;
  return (
    <p className="flex items-start gap-1.5 text-sm text-warn">
      <Hand aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 break-words">
        {hold.by === null ? text.held : text.heldBy(hold.by)} <Time at={hold.since} />
        {hold.reason !== null && `: ${hold.reason}`}
      </span>
    </p>
  );
}

/** One environment on the dashboard. */
export function EnvironmentCard({ app, environment }: EnvironmentProps) {
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">
          <Link
            to="/applications/$app/environments/$env"
            params={{ app, env: environment.slug }}
            className="text-ink underline-offset-2 hover:underline"
          >
            {environment.slug}
          </Link>
        </h3>
        <StateBadge state={environment.health} />
      </div>
      <LiveCommit app={app} environment={environment} />
      <Moving environment={environment} />
      <LastFailure environment={environment} />
      <Hold environment={environment} />
      {environment.hold === null && (
        <p className="mt-auto text-xs text-muted break-words">{environment.summary}</p>
      )}
    </li>
  );
}
