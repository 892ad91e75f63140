import type { PipelineDeps } from './deps.ts';
import { explainFailure } from './failure.ts';
import { scalingOf } from './heal.ts';
import {
  checkInstances,
  instancesOf,
  retireInstances,
  startInstances,
  stopInstances,
} from './scale.ts';
import { routeTo, settleOn } from './switch.ts';

export type ControlResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * New instances of the release that is live, with the same health check and the same switch as a deployment
 * (spec/divio.md 3.7). Starts a stopped environment too. On failure the old ones go on serving.
 */
export async function restart(
  deps: PipelineDeps,
  environmentUuid: string,
  signal: AbortSignal,
): Promise<ControlResult> {
  const state = await stateOf(deps, environmentUuid);
  if (state?.live_release_uuid == null || state.live_deployment_uuid === null) {
    return { ok: false, reason: 'Nothing is live in this environment.' };
  }
  const releaseUuid = state.live_release_uuid;
  const before = new Set((await instancesOf(deps, environmentUuid)).map((row) => row.uuid));
  try {
    const scaling = await scalingOf(deps, releaseUuid, state.live_deployment_uuid, signal);
    const healthy = await checkInstances(scaling, await startInstances(scaling));
    await routeTo(deps, state.fence, healthy, environmentUuid, releaseUuid);
    await settleOn(deps, environmentUuid, releaseUuid, healthy);
    return { ok: true };
  } catch (error) {
    const started = (await instancesOf(deps, environmentUuid)).filter(
      (row) => !before.has(row.uuid) && row.state === 'starting',
    );
    await stopInstances(deps, started);
    return { ok: false, reason: explainFailure(error).reason };
  }
}

/** Ends the instances; the address answers 503 until somebody deploys or restarts. */
export async function stop(deps: PipelineDeps, environmentUuid: string): Promise<ControlResult> {
  const environment = await deps.applications.environment(environmentUuid);
  const state = await stateOf(deps, environmentUuid);
  if (environment === null || state?.live_release_uuid == null) {
    return { ok: false, reason: 'Nothing is live in this environment.' };
  }
  await deps.store.db
    .updateTable('environment_state')
    .set({ stopped: 1 })
    .where('environment_uuid', '=', environmentUuid)
    .execute();
  await deps.routing.serve(environmentUuid, {
    releaseUuid: state.live_release_uuid,
    version: state.fence,
    backends: [],
    status: 'stopped',
  });
  await retireInstances(deps, await instancesOf(deps, environmentUuid));
  return { ok: true };
}

/** For an environment or application that was removed: its instances and routes go. */
export async function remove(deps: PipelineDeps, environmentUuid: string): Promise<void> {
  for (const route of await deps.router.routes()) {
    if (route.environmentUuid === environmentUuid) await deps.router.removeRoute(route.host);
  }
  await stopInstances(deps, await instancesOf(deps, environmentUuid));
}

/** What the engine keeps of an environment: the live release among it. */
export function stateOf(deps: PipelineDeps, environmentUuid: string) {
  return deps.store.db
    .selectFrom('environment_state')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .executeTakeFirst();
}
