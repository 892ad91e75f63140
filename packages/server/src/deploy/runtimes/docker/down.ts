import { readdir } from 'node:fs/promises';
import { endBuildSteps } from './build-steps.ts';
import type { Containers } from './containers.ts';
import { type Engine, EngineRefusal } from './engine.ts';
import type { Instances } from './instances.ts';
import { LABELS, type Names } from './labels.ts';

export interface DownDeps {
  readonly engine: Engine;
  readonly names: Names;
  readonly containers: Containers;
  readonly instances: Instances;
  /** Where images are made. */
  readonly builds: string;
}

/**
 * Ends everything that an installation has running on its engine, and removes it but for images and data volumes. What instances write
 * to their end is in the environments' logs. Nothing there is no error.
 */
export async function endAll(deps: DownDeps, graceMs: number): Promise<void> {
  const { engine, names, containers, instances } = deps;
  const filters = { label: [`${LABELS.installation}=${names.installation}`] };
  await instances.followAll();
  const found = await engine.call('list containers', (docker) =>
    docker.listContainers({ all: true, filters }),
  );
  // What uses services first, so that nothing misses its database before its end.
  await Promise.all(
    found.flatMap(({ Labels }) => {
      const uuid = Labels[LABELS.kind] === 'instance' ? Labels[LABELS.instance] : undefined;
      return uuid === undefined ? [] : [instances.stop(uuid, graceMs)];
    }),
  );
  const others = found.filter(({ Labels }) => Labels[LABELS.kind] !== 'instance');
  await Promise.all(
    others.map(({ Id, Labels }) =>
      containers.remove(Id, Labels[LABELS.kind] === 'backing' ? graceMs : 0),
    ),
  );
  for (const image of await readdir(deps.builds).catch(() => [])) {
    await endBuildSteps(engine, names, image);
  }
  const networks = await engine.call('list networks', (docker) => docker.listNetworks({ filters }));
  for (const { Id } of networks) {
    await engine
      .call('remove a network', (docker) => docker.getNetwork(Id).remove())
      .catch((error: unknown) => {
        // It is gone already, or somebody has put something else on it.
        if (!(error instanceof EngineRefusal)) throw error;
      });
  }
}
