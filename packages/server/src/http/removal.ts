import { SluiceError } from '../errors.ts';
import type { HttpContext } from './context.ts';
import type { Who } from './deploy-door.ts';

/** Before an environment is removed: what is under way in it ends with a reason, not with a missing row. */
export async function cancelAll(
  { deploy }: HttpContext,
  environmentUuid: string,
  who: Who,
): Promise<void> {
  const { deployments } = await deploy.list({
    environmentUuids: [environmentUuid],
    offset: 0,
    limit: 1_000,
  });
  for (const deployment of deployments) {
    if (deployment.endedAt !== null) continue;
    await deploy.cancel(deployment.uuid, who).catch((error: unknown) => {
      // It went live or ended in the meantime.
      if (!(error instanceof SluiceError) || error.code !== 'conflict') throw error;
    });
  }
}

/**
 * After an environment was removed: its instances and routes go. What fails here is done again at the next start,
 * so the removal stands.
 */
export async function stopServing(
  { pipeline, logger }: HttpContext,
  environmentUuid: string,
): Promise<void> {
  await pipeline.removeEnvironment(environmentUuid).catch((error: unknown) => {
    logger.error({ err: error, environment: environmentUuid }, 'stopping a removed environment');
  });
}

/** After a removed application was restored: what was live serves again, where it still can. */
export async function serveAgain(
  { pipeline, deploy, logger }: HttpContext,
  environmentUuid: string,
): Promise<void> {
  const { liveDeploymentUuid } = await deploy.environmentState(environmentUuid);
  if (liveDeploymentUuid === null) return;
  const outcome = await pipeline.restartEnvironment(environmentUuid).catch((error: unknown) => ({
    ok: false as const,
    reason: String(error),
  }));
  if (!outcome.ok) {
    logger.warn({ environment: environmentUuid, reason: outcome.reason }, 'restoring failed');
  }
}
