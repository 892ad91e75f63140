import type { CommitLine, Why } from '@sluice/contract';
import type { ReactNode } from 'react';
import { ruleText } from '../../text/rules.ts';
import { why as text } from '../../text/running.ts';
import { TextLink } from '../../ui/link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';

/** From the commit on: every decision about it, wherever it was made. */
export function Events({ commit, events }: { commit: CommitLine; events: Why['events'] }) {
  return (
    <ol className="flex flex-col text-sm">
      <Row at={commit.committed_at}>
        <p>
          <span className="font-medium">{text.made}</span> {text.pushedText(commit.author)}
        </p>
      </Row>
      {events.length === 0 && <li className="py-2 text-muted">{text.noEvents}</li>}
      {events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are only ever added at the end
        <Row key={index} at={event.at}>
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{event.environment}</span>
            <StateBadge state={event.to} />
            <TextLink
              to="/deployments/$deployment"
              params={{ deployment: event.deployment }}
              className="text-xs"
            >
              {text.showDeployment}
            </TextLink>
          </p>
          <p title={event.rule}>{ruleText(event.rule)}</p>
          {event.reason !== null && (
            <p className="text-xs break-words text-muted">{event.reason}</p>
          )}
          {event.superseded_by !== null && (
            <TextLink
              to="/deployments/$deployment"
              params={{ deployment: event.superseded_by }}
              className="w-fit text-xs"
            >
              {text.takenBy}
            </TextLink>
          )}
        </Row>
      ))}
    </ol>
  );
}

function Row({ at, children }: { at: string; children: ReactNode }) {
  return (
    <li className="grid gap-x-4 gap-y-1 border-b border-line py-2 last:border-0 sm:grid-cols-[9rem_1fr]">
      <span className="text-xs text-muted">
        <Time at={at} />
      </span>
      <div className="flex min-w-0 flex-col gap-1">{children}</div>
    </li>
  );
}
