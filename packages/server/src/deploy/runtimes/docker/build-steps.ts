import { setTimeout as pause } from 'node:timers/promises';
import { type Engine, EngineRefusal, isMissing } from './engine.ts';
import { LABELS, type Names } from './labels.ts';

const WITHIN_MS = 30_000;

/**
 * Removes the containers of an image's build; resolves when they are gone, so that nothing holds its layers. An engine that is stopped in
 * the middle of a build forgets that it was building: with `live-restore` the step goes on running, without it its container stays for ever.
 */
export async function endBuildSteps(
  engine: Engine,
  names: Names,
  imageUuid: string,
): Promise<void> {
  const giveUpAt = Date.now() + WITHIN_MS;
  let left = await stepsOf(engine, names, imageUuid);
  for (const id of left) {
    await engine
      .call('remove a container', (docker) =>
        docker.getContainer(id).remove({ force: true, v: true }),
      )
      .catch((error: unknown) => {
        // The engine itself is just at it.
        if (!(error instanceof EngineRefusal)) throw error;
      });
  }
  while (left.length > 0 && Date.now() < giveUpAt) {
    left = await stepsOf(engine, names, imageUuid);
    if (left.length > 0) await pause(100);
  }
}

async function stepsOf(engine: Engine, names: Names, imageUuid: string): Promise<string[]> {
  const mark = `${names.buildMark(imageUuid)}:127.0.0.1`;
  const all = await engine.call('list containers', (docker) =>
    docker.listContainers({ all: true }),
  );
  // A step has the labels of its base image, which may be one of ours; what else we make has a kind that no image has.
  const maybe = all.filter(({ Labels }) => ['image', undefined].includes(Labels[LABELS.kind]));
  const marked: string[] = [];
  for (const { Id } of maybe) {
    const hosts = await engine
      .call('look at a container', (docker) => docker.getContainer(Id).inspect())
      .then(
        ({ HostConfig }) => HostConfig.ExtraHosts ?? [],
        (error: unknown) => {
          if (isMissing(error)) return [];
          throw error;
        },
      );
    if (hosts.includes(mark)) marked.push(Id);
  }
  return marked;
}
