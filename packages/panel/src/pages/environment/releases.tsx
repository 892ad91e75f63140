import type { EnvironmentLine, Release } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { releasesQuery } from '../../api/running.ts';
import { running, environment as text } from '../../text/running.ts';
import { Button } from '../../ui/button.tsx';
import { CommitLink, shortSha } from '../../ui/commit.tsx';
import { TextLink } from '../../ui/link.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { Time } from '../../ui/time.tsx';
import { RollbackDialog } from '../running/rollback-dialog.tsx';

/** What can be gone back to. */
export function Releases({
  app,
  environment,
  canDeploy,
}: {
  app: string;
  environment: EnvironmentLine;
  canDeploy: boolean;
}) {
  const [chosen, setChosen] = useState<Release | null>(null);
  const { data, error, refetch } = useQuery(releasesQuery(environment.uuid));
  if (error !== null && data === undefined) {
    return <ErrorNote error={error} retry={() => void refetch()} />;
  }
  if (data === undefined) return <Loading lines={3} />;
  if (data.results.length === 0) return <p className="text-sm text-muted">{text.noReleases}</p>;
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p className="text-muted">{text.releasesText}</p>
      <ul>
        {data.results.map((release) => (
          <li
            key={release.uuid}
            className="flex flex-wrap items-center justify-between gap-2 border-b border-line py-2 last:border-0"
          >
            <span className="flex flex-wrap items-baseline gap-x-3">
              <CommitLink app={app} sha={release.commit} />
              {release.deployment !== null && (
                <TextLink to="/deployments/$deployment" params={{ deployment: release.deployment }}>
                  {running.deployment}
                </TextLink>
              )}
              <span className="text-muted">
                <Time at={release.created_at} />
              </span>
            </span>
            {release.is_live && <span className="font-medium text-good">{text.isLive}</span>}
            {!release.is_live && canDeploy && (
              <Button onClick={() => setChosen(release)}>
                {text.rollBack}
                <span className="sr-only"> {shortSha(release.commit)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {chosen !== null && (
        <RollbackDialog
          environment={environment}
          release={chosen.uuid}
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}
