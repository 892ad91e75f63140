import type { CommitLine, Why } from '@sluice/contract';
import type { ReactNode } from 'react';
import { ruleText } from '../../text/rules.ts';
import { why as text } from '../../text/running.ts';
import { TextLink } from '../../ui/link.tsx';
import { Requester } from '../../ui/requester.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';

interface Entry {
  readonly at: string;
  readonly row: ReactNode;
}

/** From the commit on: what was done with it and every decision about it, wherever it was made. */
export function Events({ commit, why }: { commit: CommitLine; why: Why }) {
  const entries: Entry[] = [
    { at: commit.committed_at, row: <p>{text.madeBy(commit.author)}</p> },
    ...why.milestones.map((milestone) => ({
      at: milestone.at,
      row: <Milestone milestone={milestone} />,
    })),
    // The pipeline's steps are the deployment's own story.
    ...why.events
      .filter(({ rule }) => rule !== 'step' && rule !== 'accepted' && rule !== 'joined')
      .map((event) => ({ at: event.at, row: <Decision event={event} /> })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <ol className="flex flex-col text-sm">
      {entries.map(({ at, row }, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: they are only ever added at the end
          key={index}
          className="grid gap-x-4 gap-y-1 border-b border-line py-2 last:border-0 sm:grid-cols-[9rem_1fr]"
        >
          <span className="text-xs text-muted">
            <Time at={at} />
          </span>
          <div className="flex min-w-0 flex-col gap-1">{row}</div>
        </li>
      ))}
      {why.events.length === 0 && <li className="py-2 text-muted">{text.noEvents}</li>}
    </ol>
  );
}

function Milestone({ milestone }: { milestone: Why['milestones'][number] }) {
  const { kind, by, detail, environment, deployment } = milestone;
  switch (kind) {
    case 'pushed':
      return <p>{by === null ? text.fetched(detail) : text.pushed(by, detail)}</p>;
    case 'build_began':
      return <p>{text.buildBegan(detail)}</p>;
    case 'build_ended':
      return (
        <p className="flex flex-wrap items-center gap-2">
          {text.buildEnded} <StateBadge state={detail} />
        </p>
      );
    default:
      return (
        <p className="flex flex-wrap items-center gap-2">
          <span>
            <Requester email={by ?? ''} /> {text.asked(environment ?? '')}
          </span>
          {deployment !== null && <ToDeployment deployment={deployment} />}
        </p>
      );
  }
}

function Decision({ event }: { event: Why['events'][number] }) {
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{event.environment}</span>
        <StateBadge state={event.to} past />
        <ToDeployment deployment={event.deployment} />
      </p>
      <p title={event.rule}>{ruleText(event.rule)}</p>
      {event.reason !== null && <p className="text-xs break-words text-muted">{event.reason}</p>}
      {event.superseded_by !== null && (
        <TextLink
          to="/deployments/$deployment"
          params={{ deployment: event.superseded_by }}
          className="w-fit text-xs"
        >
          {text.takenBy}
        </TextLink>
      )}
    </>
  );
}

const ToDeployment = ({ deployment }: { deployment: string }) => (
  <TextLink to="/deployments/$deployment" params={{ deployment }} className="text-xs">
    {text.showDeployment}
  </TextLink>
);
