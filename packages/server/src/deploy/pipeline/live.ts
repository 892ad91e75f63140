import type { EnvironmentLimits } from '../../applications/index.ts';
import type { BuiltImage, ServiceMount } from '../runtimes/runtime.ts';
import { stateOf } from './control.ts';
import type { PipelineDeps } from './deps.ts';
import { scalingOf } from './heal.ts';

/** What it takes to run something besides an environment's instances. */
export interface LiveRelease {
  readonly releaseUuid: string;
  readonly imageUuid: string;
  readonly image: BuiltImage;
  readonly mounts: readonly ServiceMount[];
  readonly limits: EnvironmentLimits;
  readonly variables: Readonly<Record<string, string>>;
}

/** Null where nothing is live. Throws where its image is gone or was changed. */
export async function liveRelease(
  deps: PipelineDeps,
  environmentUuid: string,
): Promise<LiveRelease | null> {
  const state = await stateOf(deps, environmentUuid);
  if (state?.live_release_uuid == null || state.live_deployment_uuid === null) return null;
  const { live_release_uuid: releaseUuid, live_deployment_uuid: deploymentUuid } = state;
  const never = new AbortController().signal;
  const { imageUuid, image, target } = await scalingOf(deps, releaseUuid, deploymentUuid, never);
  const { mounts, variables, environment } = target;
  return { releaseUuid, imageUuid, image, mounts, variables, limits: environment.limits };
}
