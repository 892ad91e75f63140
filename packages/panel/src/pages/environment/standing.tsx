import type { EnvironmentLine } from '@sluice/contract';
import { running, environment as text } from '../../text/running.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { Section } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Empty, Note } from '../../ui/notes.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';

/** What is live, what is on its way, and what keeps it from being newer. */
export function Standing({ app, environment }: { app: string; environment: EnvironmentLine }) {
  const { live, hold, moving, last_failure: failure } = environment;
  return (
    <Section title={text.live}>
      <div className="flex flex-col gap-3 text-sm">
        {live === null ? (
          <Empty title={text.nothingLive}>{text.nothingLiveText}</Empty>
        ) : (
          <>
            <p className="flex flex-wrap items-baseline gap-x-3">
              <CommitLink app={app} sha={live.commit.sha} />
              <span className="min-w-0 break-words font-medium">{live.commit.subject}</span>
              <span className="text-muted">
                {live.commit.author}, {text.since} <Time at={live.since} />
              </span>
            </p>
            <p className="text-muted">{environment.summary}</p>
          </>
        )}
        {hold !== null && (
          <Note tone="warn">
            <p className="font-medium">
              {running.onHold(hold.by ?? running.somebody)}, {text.since} <Time at={hold.since} />
            </p>
            {hold.reason !== null && hold.reason !== '' && (
              <p className="break-words">{hold.reason}</p>
            )}
            <p>{running.onHoldText}</p>
          </Note>
        )}
        {moving !== null && (
          <div className="flex flex-col gap-2">
            <p className="flex flex-wrap items-center gap-2">
              <TextLink to="/deployments/$deployment" params={{ deployment: moving.uuid }}>
                {text.movingNow}
              </TextLink>
              <StateBadge state={moving.status} />
              {moving.commit !== null && <CommitLink app={app} sha={moving.commit} />}
            </p>
            <Progress percent={moving.percent} label={running.progress} />
          </div>
        )}
        {failure !== null && (
          <Note tone="warn">
            <TextLink to="/deployments/$deployment" params={{ deployment: failure.uuid }}>
              {text.lastFailure}
            </TextLink>{' '}
            (<Time at={failure.at} />)
            {failure.reason !== null && <p className="break-words">{failure.reason}</p>}
          </Note>
        )}
      </div>
    </Section>
  );
}
