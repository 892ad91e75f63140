import { useMemo } from 'react';
import { createApplicationSource } from './application-source.ts';
import type { Outcome } from './folding.ts';
import { LogViewer } from './log-viewer.tsx';
import { createRemoteSource } from './remote-source.ts';

/** The log of one attempt of a job. */
export function JobLog({
  job,
  attempt,
  outcome,
}: {
  job: number;
  attempt: number;
  outcome: Outcome;
}) {
  const source = useMemo(
    () => createRemoteSource(`/ci/v3/jobs/${job}/log/`, attempt),
    [job, attempt],
  );
  // A log of its own for each: what was opened, chosen and found belongs to it.
  return <LogViewer key={`${job}/${attempt}`} source={source} outcome={outcome} />;
}

export function DeploymentLog({ deployment, outcome }: { deployment: string; outcome: Outcome }) {
  const source = useMemo(
    () => createRemoteSource(`/apps/v3/deployments/${encodeURIComponent(deployment)}/log/`),
    [deployment],
  );
  return <LogViewer key={deployment} source={source} outcome={outcome} />;
}

/** What an environment's instances write; with `service`, what one of them does. */
export function ApplicationLog({
  environment,
  service,
}: {
  environment: string;
  service?: string;
}) {
  const source = useMemo(
    () => createApplicationSource(environment, service ?? null),
    [environment, service],
  );
  return <LogViewer key={`${environment}/${service}`} source={source} outcome="running" />;
}
