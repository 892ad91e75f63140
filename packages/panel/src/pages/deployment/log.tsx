import type { Deployment } from '@sluice/contract';
import type { Outcome } from '../../ui/log/folding.ts';
import { DeploymentLog as Log } from '../../ui/log/index.tsx';

/** What the pipeline wrote, live. */
export function DeploymentLog({ deployment }: { deployment: Deployment }) {
  return <Log deployment={deployment.uuid} outcome={outcomeOf(deployment)} />;
}

function outcomeOf({ ended_at, status }: Deployment): Outcome {
  if (ended_at === null) return 'running';
  return status === 'FAILED' ? 'failed' : 'passed';
}
