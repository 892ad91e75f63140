import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createAppLogWriter, readApplicationLog } from '../../supervisor/app-log.ts';
import { createLimitPolicy } from '../limits.ts';
import { type BuiltImage, type Runtime, RuntimeFailure } from '../runtime.ts';
import { createDockerBacking } from './backing/index.ts';
import { buildImage } from './build.ts';
import { createContainers } from './containers.ts';
import { endAll } from './down.ts';
import { connectEngine } from './engine.ts';
import { rememberEngine } from './engine-record.ts';
import { createFollower } from './follower.ts';
import { createImages } from './images.ts';
import { createInstances } from './instances.ts';
import { installationId, LABELS, namesOf } from './labels.ts';
import type { DockerRuntimeOptions } from './options.ts';
import { type DockerPlan, planOf } from './plan.ts';
import { probeContainer } from './probe.ts';
import { readRegistries } from './registry.ts';
import { openShell } from './shell.ts';
import { runTask } from './task.ts';

export type { DockerRuntimeOptions } from './options.ts';

/** Raised when the same commit would be built differently, so that old images are not adopted. */
const RECIPE = 'docker-1';
const LOOK_EVERY_MS = 2_000;
const YOUNG_SECONDS = 60;
const CARRIER_DAY_MS = 24 * 60 * 60_000;

export interface DockerRuntime extends Runtime {
  /** Ends all that the installation has running on the engine. The server must not be: it would start it again. */
  down(graceMs: number): Promise<void>;
}

/** Releases as containers of a Docker Engine, near or far. */
export function createDockerRuntime(options: DockerRuntimeOptions): DockerRuntime {
  const dataDir = resolve(options.dataDir);
  const engine = connectEngine(options.engine, options.certificates, options.engineWaitMs);
  const names = namesOf(installationId(dataDir));
  const registries = readRegistries(options.registryFile);
  const images = createImages(engine, names, registries, dataDir);
  const limits = createLimitPolicy(options.limits, options.mostLimits);
  const containers = createContainers(engine, names, options, limits);
  const logsDirectory = join(dataDir, 'logs');
  const writer = createAppLogWriter(logsDirectory);
  const follower = createFollower(engine, writer, join(dataDir, 'docker', 'places'));
  const published = publishedAt(options.address, engine.machine);
  const instances = createInstances({ engine, names, containers, follower, published });
  const build = { engine, names, images, registries, options };
  let looking: NodeJS.Timeout | null = null;
  const list = (kind: string) =>
    engine.call('list containers', (docker) =>
      docker.listContainers({ all: true, filters: names.filter(kind) }),
    );
  /** What a killed server was only looking into. */
  const sweep = async () => {
    for (const { Id } of await list('look')) await containers.remove(Id, 0);
    for (const { Id, Created } of await list('carrier')) {
      // Not those that another server may have at work.
      if (Date.now() - Created * 1_000 > CARRIER_DAY_MS) await containers.remove(Id, 0);
    }
  };

  return {
    name: 'docker',
    limits,
    capabilities: { buildTitle: 'docker build', releaseTitle: 'docker release commands' },
    inputs: async () => {
      const version = await engine.call('tell its version', (docker) => docker.version());
      const { buildArguments, images: base } = options;
      const digest = createHash('sha256').update(JSON.stringify([buildArguments, base]));
      return `${RECIPE} ${version.Os}-${version.Arch} ${digest.digest('hex').slice(0, 12)}`;
    },
    prepareSource: (imageUuid) => images.prepare(imageUuid),

    build: (request) => buildImage(build, request),
    verify: async (imageUuid, image) => {
      const plan = planOf(image);
      if (plan === null) return `Image ${imageUuid} was not built for Docker.`;
      return images.verify(image, plan);
    },
    removeImage: (imageUuid) => images.remove(imageUuid),
    imageUuids: () => images.uuids(),
    imageSizes: (imageUuids) => images.sizes(imageUuids),
    registry: options.registry === '' ? null : options.registry,
    nameInRegistry: (image) => planOf(image)?.pushed ?? null,

    releaseCommands: (image) => known(image).releaseCommands,
    release: (request) => runTask({ engine, names, containers }, request),
    endTasks: async (unfinished) => {
      for (const { Id, Labels, Created } of await list('task')) {
        // Who asks may not know one yet that has just begun.
        const [deployment = ''] = (Labels[LABELS.task] ?? '').split('-release-');
        const isYoung = Date.now() / 1_000 - Created < YOUNG_SECONDS;
        if (deployment.startsWith('cron-') && isYoung) continue;
        if (unfinished.has(deployment)) continue;
        await containers.remove(Id, 0);
        await containers.leaveNetwork(Labels[LABELS.environment] ?? '');
      }
    },

    endTask: async (taskId) => {
      const found = (await list('task')).find(({ Labels }) => Labels[LABELS.task] === taskId);
      if (found === undefined) return;
      await containers.remove(found.Id, 0);
      await containers.leaveNetwork(found.Labels[LABELS.environment] ?? '');
    },

    services: (image) =>
      known(image).services.map(({ name }) => ({ name, takesRequests: name === 'web' })),
    start: instances.start,
    probe: (request) => probeContainer(engine, names.instance(request.instanceUuid), request),
    stop: instances.stop,
    instances: instances.list,
    usage: instances.usage,
    logs: (environmentUuid, cursor, limit) =>
      readApplicationLog(logsDirectory, environmentUuid, cursor, limit),
    note: (environmentUuid, service, lines) =>
      writer.write(environmentUuid, { service, instance: null }, lines),
    openShell: (request) => openShell({ engine, names, containers }, request),
    shellUuids: async () =>
      (await list('shell')).flatMap(({ Labels }) => Labels[LABELS.shell] ?? []),
    endShell: async (uuid) => {
      const found = (await list('shell')).find(({ Labels }) => Labels[LABELS.shell] === uuid);
      if (found === undefined) return;
      await containers.remove(found.Id, 0);
      await containers.leaveNetwork(found.Labels[LABELS.environment] ?? '');
    },
    watch: async () => {
      await mkdir(logsDirectory, { recursive: true, mode: 0o700 });
      await rememberEngine(dataDir, { ...options, engine: engine.name });
      const look = () =>
        // An engine that is away is looked for again the next time.
        instances.followAll().catch(() => undefined);
      await look();
      await sweep().catch(() => undefined);
      looking ??= setInterval(look, LOOK_EVERY_MS);
    },
    backing: createDockerBacking({
      ...{ engine, names, containers, registries },
      limits: options.serviceLimits,
    }),
    down: async (graceMs) => {
      await mkdir(logsDirectory, { recursive: true, mode: 0o700 });
      const builds = join(dataDir, 'docker', 'builds');
      await endAll({ engine, names, containers, instances, builds }, graceMs);
      await follower.stop();
    },
    unwatch: async () => {
      if (looking !== null) clearInterval(looking);
      looking = null;
      await follower.stop();
    },
  };
}

function publishedAt(address: string, machine: string | null) {
  if (address !== '') return { bind: address, host: address };
  return machine === null ? null : { bind: '0.0.0.0', host: machine };
}

function known(image: BuiltImage): DockerPlan {
  const plan = planOf(image);
  if (plan !== null) return plan;
  throw new RuntimeFailure('image_changed', 'This image was not built for Docker.');
}
