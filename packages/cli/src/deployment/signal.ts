import { randomUUID } from 'node:crypto';
import type { Client, Deployment, DeploymentCreate } from '@sluice/contract';
import { patiently } from '../patience.ts';

/**
 * Asks for a deployment. When no answer comes the call is repeated with the same idempotency key, so a
 * server that restarts at the wrong moment neither loses the signal nor deploys twice.
 */
export async function signalDeployment(
  client: Client,
  body: DeploymentCreate,
  onRetry: (error: Error) => void,
): Promise<Deployment> {
  const key = randomUUID();
  return patiently(() => client.deployments.create(body, key), onRetry);
}
