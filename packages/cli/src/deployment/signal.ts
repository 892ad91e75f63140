import { randomUUID } from 'node:crypto';
import {
  type Client,
  type Deployment,
  type DeploymentCreate,
  UnreachableError,
} from '@sluice/contract';
import { pause } from './watch.ts';

const RETRY_PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * Asks for a deployment. When no answer comes the call is repeated with the same idempotency key, so a
 * server that restarts at the wrong moment neither loses the signal nor deploys twice.
 */
export async function signalDeployment(
  client: Client,
  body: DeploymentCreate,
  onRetry: (error: UnreachableError) => void,
): Promise<Deployment> {
  const key = randomUUID();
  for (const ms of RETRY_PAUSES_MS) {
    try {
      return await client.deployments.create(body, key);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      onRetry(error);
      await pause(ms);
    }
  }
  return client.deployments.create(body, key);
}
