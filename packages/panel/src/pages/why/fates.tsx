import type { Why } from '@sluice/contract';
import { ruleText } from '../../text/rules.ts';
import { why as text } from '../../text/running.ts';
import { TextLink } from '../../ui/link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';

/** One sentence for each environment, and the rule that decided. */
export function Fates({ app, environments }: { app: string; environments: Why['environments'] }) {
  return (
    <ul className="flex flex-col text-sm">
      {environments.map((environment) => (
        <li
          key={environment.slug}
          data-environment={environment.slug}
          className="flex flex-col gap-1 border-b border-line py-3 first:pt-0 last:border-0 last:pb-0"
        >
          <p className="flex flex-wrap items-center gap-3">
            <TextLink
              to="/applications/$app/environments/$env"
              params={{ app, env: environment.slug }}
              className="font-medium"
            >
              {environment.slug}
            </TextLink>
            <StateBadge state={environment.state} />
            <span>{text.sentences[environment.state] ?? environment.state}</span>
          </p>
          {environment.rule !== null && (
            <p className="text-muted" title={environment.rule}>
              {ruleText(environment.rule)}
            </p>
          )}
          {environment.reason !== null && (
            <p className="text-xs break-words text-muted">{environment.reason}</p>
          )}
          <p className="flex flex-wrap gap-x-4 text-xs">
            {environment.deployment !== null && (
              <TextLink
                to="/deployments/$deployment"
                params={{ deployment: environment.deployment }}
              >
                {text.showDeployment}
              </TextLink>
            )}
            {environment.superseded_by !== null && (
              <TextLink
                to="/deployments/$deployment"
                params={{ deployment: environment.superseded_by }}
              >
                {text.takenBy}
              </TextLink>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
