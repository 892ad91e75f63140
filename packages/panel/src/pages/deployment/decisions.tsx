import type { DeploymentStory } from '@sluice/contract';
import { ruleText } from '../../text/rules.ts';
import { running as text } from '../../text/running.ts';
import { TextLink } from '../../ui/link.tsx';
import { Requester } from '../../ui/requester.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';

/** Every decision, with the rule that made it in plain words. */
export function Decisions({ story }: { story: DeploymentStory }) {
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-muted">{text.decisionsIntro}</p>
      <ol className="flex flex-col">
        {/* The steps have a place of their own. */}
        {story.decisions
          .filter(({ rule }) => rule !== 'step')
          .map((decision, index) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: they are only ever added at the end
              key={index}
              className="flex flex-col gap-1 border-b border-line py-2 last:border-0"
            >
              <p className="flex flex-wrap items-center justify-between gap-2">
                <StateBadge state={decision.to} past />
                <span className="text-xs text-muted">
                  <Time at={decision.at} />
                </span>
              </p>
              <p title={decision.rule}>{ruleText(decision.rule)}</p>
              {decision.reason !== null && (
                <p className="text-xs break-words text-muted">{decision.reason}</p>
              )}
              {decision.superseded_by !== null && (
                <TextLink
                  className="w-fit text-xs"
                  to="/deployments/$deployment"
                  params={{ deployment: decision.superseded_by }}
                >
                  {text.takenBy}
                </TextLink>
              )}
            </li>
          ))}
      </ol>
    </div>
  );
}

/** Every call that asked for it. */
export function Signals({ story }: { story: DeploymentStory }) {
  return (
    <ul className="flex flex-col text-sm">
      {story.signals.map((signal, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: they are only ever added at the end
          key={index}
          className="flex flex-wrap items-baseline justify-between gap-x-3 border-b border-line py-1.5 last:border-0"
        >
          <span className="min-w-0 break-words">
            <span className="font-medium">
              <Requester email={signal.by} />
            </span>{' '}
            {signal.joined && `${text.joined} `}
            {text.via(signal.via)}{' '}
            {signal.target === null ? text.branchHead : text.target(shorten(signal.target))}
          </span>
          <span className="text-xs text-muted">
            <Time at={signal.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A whole SHA is long; a branch or tag stays as it is. */
const shorten = (target: string): string =>
  /^[0-9a-f]{40}$/.test(target) ? target.slice(0, 10) : target;
