import type { HostRoute } from '../../router/index.ts';
import type { EnvironmentStateRow } from '../../store/schema/deploy.ts';
import type { InstanceRow } from '../../store/schema/deploy-pipeline.ts';
import { performingLock } from '../locks.ts';
import { targetOf } from './context.ts';
import type { PipelineDeps } from './deps.ts';
import { imageFailed, readyImage } from './images.ts';
import { endTasks, removeStrayImages } from './prune.ts';
import { findRelease, openRelease } from './releases.ts';
import {
  checkInstances,
  instancesOf,
  retireInstances,
  type Scaling,
  startInstance,
  startInstances,
  stopInstances,
} from './scale.ts';
import { routeTo, settleOn } from './switch.ts';

/**
 * Brings what runs in line with what the database says, after a crash, an upgrade, a restart of the machine or a restored
 * backup. Instances that a deployment to be resumed has started are left to it.
 */
export async function heal(deps: PipelineDeps): Promise<{ environments: string[] }> {
  await failInterruptedBuilds(deps);
  await removeStrayImages(deps);
  await endTasks(deps);
  const environments = new Set(
    (await deps.store.db.selectFrom('environment_state').select('environment_uuid').execute()).map(
      (row) => row.environment_uuid,
    ),
  );
  for (const one of await deps.runtime.instances()) environments.add(one.environmentUuid);
  return { environments: [...environments] };
}

/** One environment's part; `deps.router` is only asked once for all of them. */
export async function healEnvironment(
  deps: PipelineDeps,
  environmentUuid: string,
  routes: readonly HostRoute[],
  signal: AbortSignal,
): Promise<void> {
  const rows = await instancesOf(deps, environmentUuid);
  const environment = await deps.applications.environment(environmentUuid);
  const ownRoutes = routes.filter((route) => route.environmentUuid === environmentUuid);
  if (environment === null) {
    for (const { host } of ownRoutes) await deps.router.removeRoute(host);
    await stopInstances(deps, rows);
    await stopStrangers(deps, environmentUuid, []);
    return;
  }
  const state = await raiseFence(deps, environmentUuid, ownRoutes);
  const resuming = await unfinishedDeployments(deps, environmentUuid);
  const isResumed = (row: InstanceRow) => resuming.uuids.has(row.deployment_uuid);
  await stopInstances(
    deps,
    rows.filter((row) => row.state === 'starting' && !isResumed(row)),
  );

  const hosts = await deps.routing.hosts(environment);
  const serving = rows.filter((row) => row.state === 'serving');
  if (state?.stopped === 1) {
    await stopInstances(deps, serving);
  } else if (serving.length > 0) {
    const started = await startMissing(deps, serving, signal);
    const [first] = started;
    // Past its switch a deployment routes by itself; the old release must not get the traffic back.
    if (first !== undefined && !resuming.switched && !isRouted(ownRoutes, hosts, started)) {
      await routeTo(deps, state?.fence ?? 0, started, environmentUuid, first.release_uuid);
    }
  } else if (state?.live_release_uuid != null && resuming.uuids.size === 0) {
    await startLive(deps, state, signal);
  }
  // Names may have been added or removed while the router could not be told.
  await deps.routing.publish(environmentUuid);
  await retireInstances(
    deps,
    rows.filter((row) => row.state === 'retiring'),
  );
  await stopStrangers(deps, environmentUuid, await instancesOf(deps, environmentUuid));
}

/** Of those whose server is gone: another one may be building right now. */
async function failInterruptedBuilds({ store }: PipelineDeps): Promise<void> {
  const building = await store.db
    .selectFrom('images')
    .leftJoin('deployments', 'deployments.uuid', 'images.deployment_uuid')
    .select(['images.uuid', 'deployments.environment_uuid'])
    .where('images.state', '=', 'building')
    .execute();
  for (const { uuid, environment_uuid: environmentUuid } of building) {
    await store.locks.holdIfFree(performingLock(environmentUuid ?? ''), () =>
      imageFailed(store, uuid, 'the server was stopped while it was built'),
    );
  }
}

/**
 * A database that was restored from a backup may be behind the router: no later deployment could then route. The
 * environment's fence is raised to what the router has seen.
 */
async function raiseFence(
  deps: PipelineDeps,
  environmentUuid: string,
  routes: readonly HostRoute[],
): Promise<EnvironmentStateRow | undefined> {
  const seen = Math.max(0, ...routes.map((route) => route.version));
  await deps.store.db
    .updateTable('environment_state')
    .set({ fence: seen })
    .where('environment_uuid', '=', environmentUuid)
    .where('fence', '<', seen)
    .execute();
  return deps.store.db
    .selectFrom('environment_state')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .executeTakeFirst();
}

async function unfinishedDeployments(
  deps: PipelineDeps,
  environmentUuid: string,
): Promise<{ uuids: Set<string>; switched: boolean }> {
  const rows = await deps.store.db
    .selectFrom('deployments')
    .select(['uuid', 'switched'])
    .where('environment_uuid', '=', environmentUuid)
    .where('ended_at', 'is', null)
    .where('running_at', 'is not', null)
    .execute();
  return {
    uuids: new Set(rows.map((row) => row.uuid)),
    switched: rows.some((row) => row.switched === 1),
  };
}

/**
 * The supervisor lost them, or its record: they are started again where the router expects them, or as near as can be. Answers all with
 * their addresses: a network that is made anew has others.
 */
async function startMissing(
  deps: PipelineDeps,
  serving: readonly InstanceRow[],
  signal: AbortSignal,
): Promise<InstanceRow[]> {
  const rows: InstanceRow[] = [];
  const running = new Set((await deps.runtime.instances()).map((one) => one.instanceUuid));
  for (const row of serving) {
    if (running.has(row.uuid)) {
      rows.push(row);
      continue;
    }
    deps.logger.warn({ instance: row.uuid, service: row.service }, 'starting a missing instance');
    const scaling = await scalingOf(deps, row.release_uuid, row.deployment_uuid, signal);
    rows.push(await startInstance(scaling, row));
  }
  return rows;
}

/** Something is live by the books, but nothing of it is there: it is started like a deployment would. */
async function startLive(
  deps: PipelineDeps,
  state: EnvironmentStateRow,
  signal: AbortSignal,
): Promise<void> {
  const { live_release_uuid: releaseUuid, live_deployment_uuid: deploymentUuid } = state;
  if (releaseUuid === null || deploymentUuid === null) return;
  const scaling = await scalingOf(deps, releaseUuid, deploymentUuid, signal);
  const started = await startInstances(scaling);
  try {
    const healthy = await checkInstances(scaling, started);
    await routeTo(deps, state.fence, healthy, state.environment_uuid, releaseUuid);
    await settleOn(deps, state.environment_uuid, releaseUuid, healthy);
  } catch (error) {
    await stopInstances(deps, started);
    throw error;
  }
}

/** What is needed to start instances of a release as it was. Throws where its image is gone or was changed. */
export async function scalingOf(
  deps: PipelineDeps,
  releaseUuid: string,
  deploymentUuid: string,
  signal: AbortSignal,
): Promise<Scaling> {
  const row = await findRelease(deps.store.db, releaseUuid);
  const image = row?.image_uuid == null ? null : await readyImage(deps.store, row.image_uuid);
  if (row?.image_uuid == null || image === null) {
    throw new Error(`the image of release ${releaseUuid} is not there any more`);
  }
  const problem = await deps.runtime.verify(row.image_uuid, image);
  if (problem !== null) throw new Error(problem);
  const { target } = await targetOf(deps, row.environment_uuid, openRelease(deps, row));
  return {
    deps,
    target,
    imageUuid: row.image_uuid,
    image,
    releaseUuid,
    deploymentUuid,
    signal,
    say: async (text) => deps.logger.info({ environment: row.environment_uuid }, text),
  };
}

function isRouted(
  routes: readonly HostRoute[],
  hosts: readonly string[],
  serving: readonly InstanceRow[],
): boolean {
  const wanted = serving.filter((row) => row.port !== null);
  return hosts.every((host) => {
    const route = routes.find((one) => one.host === host);
    return (
      route !== undefined &&
      route.status !== 'stopped' &&
      route.backends.length === wanted.length &&
      wanted.every((row) =>
        route.backends.some((backend) => backend.host === row.host && backend.port === row.port),
      )
    );
  });
}

/** Instances that the database does not know, as after restoring a backup: nobody would ever stop them. */
async function stopStrangers(
  deps: PipelineDeps,
  environmentUuid: string,
  rows: readonly InstanceRow[],
): Promise<void> {
  const known = new Set(rows.map((row) => row.uuid));
  for (const one of await deps.runtime.instances()) {
    if (one.environmentUuid !== environmentUuid || known.has(one.instanceUuid)) continue;
    deps.logger.warn({ instance: one.instanceUuid }, 'stopping an instance that nobody knows');
    await deps.runtime.stop(one.instanceUuid, deps.limits.stopGraceMs);
  }
}
