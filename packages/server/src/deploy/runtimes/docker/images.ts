import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltImage, ImageSize } from '../runtime.ts';
import { readBuildOutput } from './build-output.ts';
import { endBuildSteps } from './build-steps.ts';
import { type Engine, EngineRefusal, isMissing } from './engine.ts';
import { LABELS, type Names } from './labels.ts';
import type { DockerPlan } from './plan.ts';
import type { Registries } from './registry.ts';

/** Images on the engine and, while they are built, their check-outs here. */
export interface Images {
  /** The fresh directory for a check-out. */
  prepare(imageUuid: string): Promise<string>;
  source(imageUuid: string): string;
  sourceIsDone(imageUuid: string): Promise<void>;
  /** Written down at once, so that what a killed server's build left can be removed. */
  layerMade(imageUuid: string, layer: string): Promise<void>;
  /** Removes the layers that no image needs. */
  dropLayers(imageUuid: string): Promise<void>;
  /** What is wrong with an image, null: nothing. One that is only in the registry is pulled. */
  verify(image: BuiltImage, plan: DockerPlan): Promise<string | null>;
  remove(imageUuid: string): Promise<void>;
  uuids(): Promise<string[]>;
  /** In one question, however many they are. */
  sizes(imageUuids: readonly string[]): Promise<ReadonlyMap<string, ImageSize>>;
  /** Pushes a tag and answers the name by digest. */
  push(tag: string, log: (text: string) => Promise<void>): Promise<string>;
}

export function createImages(
  engine: Engine,
  names: Names,
  registries: Registries,
  dataDir: string,
): Images {
  const builds = join(dataDir, 'docker', 'builds');
  const root = (imageUuid: string) => join(builds, imageUuid);
  const source = (imageUuid: string) => join(root(imageUuid), 'app');
  const layersFile = (imageUuid: string) => join(root(imageUuid), 'layers');

  const inspect = (id: string) =>
    engine
      .call('look at an image', (docker) => docker.getImage(id).inspect())
      .catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });

  const dropLayers: Images['dropLayers'] = async (imageUuid) => {
    const layers = (await readFile(layersFile(imageUuid), 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '');
    for (const layer of [...new Set(layers)].reverse()) {
      const found = await inspect(layer);
      // Base images and finished ones have names.
      if (found === null || found.RepoTags?.length > 0 || found.RepoDigests?.length > 0) continue;
      await engine
        .call('remove a layer', (docker) => docker.getImage(layer).remove())
        .catch((error: unknown) => {
          // Another image or a container still needs it.
          if (!(error instanceof EngineRefusal)) throw error;
        });
    }
  };

  const pull = async (reference: string): Promise<void> => {
    const authconfig = await registries.of(reference);
    const stream = await engine.call('pull an image', (docker) =>
      docker.pull(reference, authconfig === null ? {} : { authconfig }),
    );
    await readBuildOutput(stream, async () => undefined);
  };

  return {
    source,
    dropLayers,
    prepare: async (imageUuid) => {
      await rm(root(imageUuid), { recursive: true, force: true });
      await mkdir(source(imageUuid), { recursive: true, mode: 0o700 });
      return source(imageUuid);
    },
    sourceIsDone: (imageUuid) => rm(root(imageUuid), { recursive: true, force: true }),
    layerMade: (imageUuid, layer) => appendFile(layersFile(imageUuid), `${layer}\n`),
    verify: async (image, plan) => {
      const found = await inspect(image.digest);
      if (found !== null) return null;
      const lost = `Image ${image.digest} is not on the engine any more`;
      if (plan.pushed === null) return `${lost}.`;
      const problem = await pull(plan.pushed).then(
        () => 'what was pulled is another image',
        (error: unknown) => String(error),
      );
      return (await inspect(image.digest)) === null
        ? `${lost}, and it could not be had from ${plan.pushed}: ${problem}`
        : null;
    },
    remove: async (imageUuid) => {
      // The directory of a build that succeeded is gone.
      if ((await stat(root(imageUuid)).catch(() => null)) !== null) {
        await endBuildSteps(engine, names, imageUuid);
      }
      const filters = names.filter('image', `${LABELS.image}=${imageUuid}`);
      const found = await engine.call('list images', (docker) => docker.listImages({ filters }));
      for (const { Id } of found) {
        await engine
          .call('remove an image', (docker) => docker.getImage(Id).remove({ force: true }))
          .catch((error: unknown) => {
            // Conflict: a container still runs from it; it is tried again at the next tidying up.
            if (!(error instanceof EngineRefusal)) throw error;
          });
      }
      await dropLayers(imageUuid);
      await rm(root(imageUuid), { recursive: true, force: true });
    },
    uuids: async () => {
      const filters = names.filter('image');
      const found = await engine.call('list images', (docker) => docker.listImages({ filters }));
      const onEngine = found.flatMap(({ Labels }) => Labels?.[LABELS.image] ?? []);
      const here = await readdir(builds).catch(() => []);
      return [...new Set([...onEngine, ...here])];
    },
    sizes: async (imageUuids) => {
      const wanted = new Set(imageUuids);
      // Engines before 23 do not know the question for shared layers, and answer -1.
      const options = { filters: names.filter('image'), 'shared-size': true };
      const found = await engine.call('list images', (docker) => docker.listImages(options));
      const sizes = new Map<string, ImageSize>();
      for (const { Labels, Size, SharedSize } of found) {
        const uuid = Labels?.[LABELS.image];
        if (uuid === undefined || !wanted.has(uuid)) continue;
        sizes.set(uuid, { bytes: Size, ownBytes: SharedSize < 0 ? null : Size - SharedSize });
      }
      return sizes;
    },
    push: async (tag, log) => {
      // The engine wants some, even where there are none.
      const nobody = { username: '', password: '', serveraddress: '' };
      const authconfig = (await registries.of(tag)) ?? nobody;
      const stream = await engine.call('push an image', (docker) =>
        docker.getImage(tag).push({ authconfig }),
      );
      const { id, error } = await readBuildOutput(stream, log);
      if (error !== null || id === null) {
        throw new EngineRefusal(500, `push ${tag}`, error ?? 'it told no digest', null);
      }
      return `${tag.slice(0, tag.lastIndexOf(':'))}@${id}`;
    },
  };
}
