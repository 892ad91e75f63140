import type { ApplicationLine, Why } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { applicationKey } from '../../api/overview.ts';
import { whyQuery } from '../../api/running.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { CommitLink } from '../../ui/commit.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { WatchedLog } from './watched-log.tsx';

/** Until something ends; the stream of changes usually is faster. */
const WATCHED_MS = 2_000;
/** A push without a build after so long will have none. */
const PATIENCE_MS = 10_000;
const BUILD_ENDS = ['passed', 'failed', 'errored', 'canceled', 'refused'];
const FAILURES = ['build_failed', 'deploy_failed', 'cancelled', 'skipped'];

/** One commit on its way: its build, its deployment, and where it answers in the end. */
export function Watch({ application, sha }: { application: ApplicationLine; sha: string }) {
  const [begun] = useState(() => Date.now());
  const [seconds, setSeconds] = useState<number | null>(null);
  const { data, error } = useQuery({
    ...whyQuery(application.uuid, sha),
    refetchInterval: (query) => (isOver(query.state.data) ? false : WATCHED_MS),
  });
  const environment = application.environments.find(({ slug }) => slug === wanted(data));
  const fate = data?.environments.find(({ slug }) => slug === wanted(data));
  const build = application.builds.find((one) => one.sha === sha);
  const state = build?.state ?? data?.build?.state ?? null;
  const isLive = fate?.state === 'live';
  useEffect(() => {
    if (isLive) setSeconds((known) => known ?? Math.round((Date.now() - begun) / 1_000));
  }, [isLive, begun]);
  // Every question after it renders the page again.
  const isLate = Date.now() - begun > PATIENCE_MS;
  const moving = environment?.moving?.commit === sha ? environment.moving : null;
  const buildId = build?.id ?? idOf(data);
  const isLost = fate !== undefined && FAILURES.includes(fate.state);
  return (
    <>
      <Section title={text.watchTitle}>
        <div className="flex flex-col gap-4" aria-live="polite">
          <ErrorNote error={error} />
          <Facts
            facts={[
              [
                text.watchCommit,
                <CommitLink key="commit" app={applicationKey(application)} sha={sha} />,
              ],
              [
                text.watchBuild,
                state === null ? (
                  isLate ? (
                    text.notBuilt
                  ) : (
                    text.watchBuildWaiting
                  )
                ) : (
                  <span key="build" className="flex flex-wrap items-center gap-3">
                    <StateBadge state={state} />
                    {buildId !== null && (
                      <ButtonLink to="/builds/$build" params={{ build: String(buildId) }}>
                        {text.openBuild}
                      </ButtonLink>
                    )}
                  </span>
                ),
              ],
              [
                text.watchDeployment(wanted(data)),
                <Deployment
                  key="deployment"
                  fate={fate}
                  isTested={BUILD_ENDS.includes(state ?? '')}
                />,
              ],
            ]}
          />
          {moving && (
            <Progress percent={moving.percent} label={text.watchDeployment(wanted(data))} />
          )}
          {isLive && environment && (
            <Note tone="good">
              <p>
                {text.liveAt}{' '}
                <a href={environment.url} className="font-medium underline underline-offset-2">
                  {environment.url}
                </a>
              </p>
              {seconds !== null && seconds > 0 && <p>{text.finished(seconds)}</p>}
            </Note>
          )}
          {isLost && (
            <Note tone="warn">
              {fate.reason !== null && <p>{fate.reason}</p>}
              <p>{text.failed}</p>
            </Note>
          )}
          <div>
            <ButtonLink
              kind={isLive ? 'primary' : 'plain'}
              to="/applications/$app"
              params={{ app: applicationKey(application) }}
            >
              {text.toApplication}
            </ButtonLink>
          </div>
        </div>
      </Section>
      <WatchedLog
        build={buildId}
        deployment={fate?.deployment ?? null}
        outcome={isLive ? 'passed' : isLost ? 'failed' : 'running'}
      />
    </>
  );
}

function Deployment({
  fate,
  isTested,
}: {
  fate: Why['environments'][number] | undefined;
  isTested: boolean;
}) {
  if (fate === undefined || (fate.deployment === null && !isTested && fate.state !== 'live')) {
    return <>{text.watchDeploymentWaiting}</>;
  }
  if (fate.state === 'not_signalled') return <>{text.notAsked}</>;
  return (
    <span className="flex flex-wrap items-center gap-3">
      <StateBadge state={fate.state} />
      {fate.deployment !== null && (
        <ButtonLink to="/deployments/$deployment" params={{ deployment: fate.deployment }}>
          {text.openDeployment}
        </ButtonLink>
      )}
    </span>
  );
}

/** The environment that the commit is asked for in; `test` until that is known. */
function wanted(why: Why | undefined): string {
  return why?.environments.find(({ deployment }) => deployment !== null)?.slug ?? 'test';
}

/** `.../builds/42` -> 42: a build that the overview no longer lists. */
function idOf(why: Why | undefined): number | null {
  const id = /\/builds\/(\d+)/.exec(why?.build?.url ?? '')?.[1];
  return id === undefined ? null : Number(id);
}

function isOver(why: Why | undefined): boolean {
  const states = why?.environments.map(({ state }) => state) ?? [];
  return states.includes('live') || states.some((state) => FAILURES.includes(state));
}
