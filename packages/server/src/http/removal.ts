import type { HttpContext } from './context.ts';
import type { Who } from './deploy-door.ts';

/**
 * After an environment was removed: what is under way in it ends with a reason, its instances and routes go. Not
 * before: a signal that came in between would never end. What fails here is done again at the next start, so the
 * removal stands.
 */
export async function stopServing(
  { deploy, pipeline, services, logger }: HttpContext,
  environmentUuid: string,
  who: Who,
): Promise<void> {
  try {
    await deploy.environmentRemoved(environmentUuid, who);
    await pipeline.removeEnvironment(environmentUuid);
    services.applicationChanged();
  } catch (error) {
    logger.error({ err: error, environment: environmentUuid }, 'stopping a removed environment');
  }
}

/** After a removed application was restored: what was live serves again, where it still can. */
export async function serveAgain(
  { pipeline, deploy, services, logger }: HttpContext,
  environmentUuid: string,
): Promise<void> {
  const { liveDeploymentUuid } = await deploy.environmentState(environmentUuid);
  if (liveDeploymentUuid === null) return;
  // Told of by the restart, should it need them.
  await services
    .attach(environmentUuid, async () => undefined, new AbortController().signal)
    .catch(() => undefined);
  const outcome = await pipeline.restartEnvironment(environmentUuid).catch((error: unknown) => ({
    ok: false as const,
    reason: String(error),
  }));
  if (!outcome.ok) {
    logger.warn({ environment: environmentUuid, reason: outcome.reason }, 'restoring failed');
  }
}
