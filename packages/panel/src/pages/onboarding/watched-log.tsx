import { useQuery } from '@tanstack/react-query';
import { buildQuery } from '../../api/builds.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Section } from '../../ui/layout.tsx';
import type { Outcome } from '../../ui/log/folding.ts';
import { DeploymentLog, JobLog } from '../../ui/log/index.tsx';

/** The log of what is under way: of the deployment once there is one, before that of the build's first job. */
export function WatchedLog({
  build,
  deployment,
  outcome,
}: {
  build: number | null;
  deployment: string | null;
  outcome: Outcome;
}) {
  if (deployment !== null) {
    return (
      <Section title={text.deploymentLog}>
        <DeploymentLog deployment={deployment} outcome={outcome} />
      </Section>
    );
  }
  return build === null ? null : <BuildLog build={build} outcome={outcome} />;
}

function BuildLog({ build, outcome }: { build: number; outcome: Outcome }) {
  const { data } = useQuery(buildQuery(build));
  const job = data?.jobs[0];
  if (job === undefined) return null;
  return (
    <Section title={text.jobLog(job.number)}>
      <JobLog job={job.id} attempt={job.attempt} outcome={outcome} />
    </Section>
  );
}
