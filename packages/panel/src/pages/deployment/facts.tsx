import type { Deployment, DeploymentStory } from '@sluice/contract';
import type { ReactNode } from 'react';
import { common } from '../../text/common.ts';
import { running as text } from '../../text/running.ts';
import { Facts } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';

/** What was made of the commit, and with what. */
export function DeploymentFacts({
  app,
  deployment,
  story,
}: {
  app: string | null;
  deployment: Deployment;
  story: DeploymentStory;
}) {
  const { release, build } = story;
  const facts: [string, ReactNode][] = [
    [
      text.release,
      release === null ? text.releaseNone : <ReleaseState key="release" release={release} />,
    ],
  ];
  if (release !== null && release.commands.length > 0) {
    facts.push([
      text.releaseCommands,
      <ul key="commands">
        {release.commands.map(({ label, command }) => (
          <li key={`${label} ${command}`}>
            {label}: <code className="font-mono text-xs break-all">{command}</code>
          </li>
        ))}
      </ul>,
    ]);
  }
  if (build !== null) {
    facts.push([
      text.build,
      <TextLink
        key="build"
        className="inline-flex items-center gap-2"
        to="/builds/$build"
        params={{ build: String(build.id) }}
      >
        #{build.number} <StateBadge state={build.state} />
      </TextLink>,
    ]);
  }
  if (deployment.image_adopted_from !== null) {
    facts.push([
      text.image,
      <TextLink
        key="image"
        to="/deployments/$deployment"
        params={{ deployment: deployment.image_adopted_from }}
      >
        {text.imageAdopted}
      </TextLink>,
    ]);
  }
  facts.push([text.buildMode, deployment.build_mode]);
  if (deployment.branch !== null) facts.push([text.branch, deployment.branch]);
  facts.push([
    text.variablesAtStart,
    <Names key="names" app={app} names={deployment.environment_variables} />,
  ]);
  return <Facts facts={facts} />;
}

function ReleaseState({ release }: { release: NonNullable<DeploymentStory['release']> }) {
  const state = release.is_live
    ? text.releaseLive
    : release.kept
      ? text.releaseKept
      : text.releaseGone;
  return (
    <span>
      <code className="font-mono text-xs" title={release.uuid}>
        {release.uuid.slice(0, 8)}
      </code>
      , {state}
    </span>
  );
}

/** Names only: what a value was is nobody's business on a page that many open. */
function Names({ app, names }: { app: string | null; names: readonly string[] }) {
  if (names.length === 0) return common.none;
  const list = <span className="font-mono text-xs break-all">{names.join(', ')}</span>;
  if (app === null) return list;
  return (
    <TextLink to="/applications/$app/variables" params={{ app }}>
      {list}
    </TextLink>
  );
}
