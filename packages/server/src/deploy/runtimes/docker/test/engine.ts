import { DEFAULT_ENVIRONMENT, machineVariables } from '@sluice/runner';
import Docker, { type ContainerInspectInfo } from 'dockerode';
import { installationId, namesOf } from '../labels.ts';
import type { DockerRuntimeOptions } from '../options.ts';

/** Looks at the engine from outside, and removes whatever an installation has left there. */
export interface EngineForTests {
  inspect(instanceUuid: string): Promise<ContainerInspectInfo>;
  imageTags(): Promise<string[][]>;
  /** Without a name: layers, of which others make some too. `label`: only those with it. */
  danglingImages(label?: string): Promise<string[]>;
  leftovers(): Promise<{ containers: number; images: number; networks: number }>;
  removeAll(): Promise<void>;
}

/** Package managers' settings, but for paths of this machine. */
const buildArguments = Object.fromEntries(
  Object.entries(machineVariables(process.env, DEFAULT_ENVIRONMENT, true)).filter(
    ([name, value]) => /^(PIP|NPM_CONFIG|npm_config)_/.test(name) && !value.startsWith('/'),
  ),
);

export function testOptions(
  dataDir: string,
  more: Partial<DockerRuntimeOptions> = {},
): DockerRuntimeOptions {
  const image = 'sluice-test-toolchains:latest';
  return {
    dataDir,
    engine: '',
    certificates: '',
    address: '',
    engineWaitMs: 60_000,
    registryFile: '',
    registry: '',
    images: { python: image, node: image, plain: image },
    buildArguments,
    layerCache: false,
    pull: false,
    limits: { milliCpus: 0, memoryBytes: 0, processes: 512, logBytes: 10_000_000 },
    mostLimits: { milliCpus: 0, memoryBytes: 0, processes: 0 },
    serviceLimits: { milliCpus: 0, memoryBytes: 0, processes: 512, logBytes: 10_000_000 },
    hardening: { readOnlyRoot: false, capabilities: ['CHOWN', 'SETUID', 'SETGID', 'KILL'] },
    volumes: [],
    ...more,
  };
}

export function engineForTests(dataDir: string, docker = new Docker()): EngineForTests {
  const names = namesOf(installationId(dataDir));
  const filters = { label: [`sluice.installation=${names.installation}`] };
  const containers = () => docker.listContainers({ all: true, filters });
  const images = () => docker.listImages({ filters });
  const networks = () => docker.listNetworks({ filters });
  return {
    inspect: (uuid) => docker.getContainer(names.instance(uuid)).inspect(),
    imageTags: async () => (await images()).map(({ RepoTags }) => RepoTags ?? []),
    danglingImages: async (label) =>
      (
        await docker.listImages({
          all: true,
          ...(label === undefined ? {} : { filters: { label: [label] } }),
        })
      )
        .filter(({ RepoTags }) => (RepoTags ?? ['<none>:<none>']).includes('<none>:<none>'))
        .map(({ Id }) => Id)
        .sort(),
    leftovers: async () => ({
      containers: (await containers()).length,
      images: (await images()).length,
      networks: (await networks()).length,
    }),
    removeAll: async () => {
      for (const { Id } of await containers()) {
        await docker
          .getContainer(Id)
          .remove({ force: true, v: true })
          .catch(() => undefined);
      }
      for (const { Id } of await images()) {
        await docker
          .getImage(Id)
          .remove({ force: true })
          .catch(() => undefined);
      }
      for (const { Id } of await networks()) {
        await docker
          .getNetwork(Id)
          .remove()
          .catch(() => undefined);
      }
      const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
      for (const { Name } of Volumes) {
        await docker
          .getVolume(Name)
          .remove()
          .catch(() => undefined);
      }
    },
  };
}
