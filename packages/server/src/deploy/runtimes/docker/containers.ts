import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { EnvironmentLimits } from '../../../applications/index.ts';
import { createTurns } from '../../../turns.ts';
import type { LimitPolicy, ResourceLimits } from '../limits.ts';
import type { ServiceMount } from '../runtime.ts';
import { type Engine, EngineRefusal, isConflict } from './engine.ts';
import type { Names } from './labels.ts';
import type { DockerRuntimeOptions } from './options.ts';
import { resourcesFor } from './resources.ts';

/** What an instance and a release command of one environment have in common. */
export interface ContainerRequest {
  readonly name: string;
  readonly labels: Record<string, string>;
  /** The image by its digest, never by a tag: what was tested is what runs. */
  readonly digest: string;
  readonly environmentUuid: string;
  /** A shell's; null: the image's own. */
  readonly command: string | null;
  /** Of that shell, the first of them its name. */
  readonly arguments?: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly mounts: readonly ServiceMount[];
  /** Of the environment itself; the administrator's hold where it has none. */
  readonly limits: EnvironmentLimits;
  /** Set where a person is joined to it. */
  readonly attached?: { readonly terminal: boolean };
  readonly more?: Pick<HostConfig, 'PortBindings' | 'RestartPolicy'>;
  readonly stopSeconds?: number;
}

export interface Containers {
  /** Makes the environment's own network where it is not there; answers the machine's address on it. */
  enterNetwork(environmentUuid: string): Promise<string>;
  /** Makes it; one of that name that is there already is left as it is, and `isNew` is false. */
  create(request: ContainerRequest): Promise<{ readonly id: string; readonly isNew: boolean }>;
  /** Ends it where it runs, and removes it with all that is its own. */
  remove(id: string, graceMs: number): Promise<void>;
  /** Removes the environment's network unless something is still on it. */
  leaveNetwork(environmentUuid: string): Promise<void>;
}

const TMPFS = { '/tmp': 'rw,nosuid,nodev,size=256m', '/run': 'rw,nosuid,nodev,size=16m' };

export function createContainers(
  engine: Engine,
  names: Names,
  options: DockerRuntimeOptions,
  policy: LimitPolicy,
): Containers {
  // Of two calls at one moment the engine makes two networks with one name, which nothing can be attached to.
  const turns = createTurns();
  const enterNetwork = (environmentUuid: string): Promise<string> =>
    turns.take(environmentUuid, () => makeNetwork(environmentUuid));
  const makeNetwork = async (environmentUuid: string): Promise<string> => {
    const Name = names.network(environmentUuid);
    await engine
      .call('make a network', (docker) =>
        docker.createNetwork({
          Name,
          CheckDuplicate: true,
          Labels: names.labels('network', { 'sluice.environment': environmentUuid }),
        }),
      )
      .catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
    const { IPAM } = await engine.call('look at a network', (docker) =>
      docker.getNetwork(Name).inspect(),
    );
    return IPAM?.Config?.[0]?.Gateway ?? '127.0.0.1';
  };

  const create: Containers['create'] = async (request) => {
    await enterNetwork(request.environmentUuid);
    const description = describe(request, names, options, policy.effective(request.limits));
    try {
      const { id } = await engine.call('make a container', (docker) =>
        docker.createContainer(description),
      );
      return { id, isNew: true };
    } catch (error) {
      if (!isConflict(error)) throw error;
      const { Id } = await engine.call('look at a container', (docker) =>
        docker.getContainer(request.name).inspect(),
      );
      return { id: Id, isNew: false };
    }
  };

  return {
    enterNetwork,
    create,
    remove: async (id, graceMs) => {
      await engine
        .call('stop a container', (docker) =>
          docker.getContainer(id).stop({ t: Math.ceil(graceMs / 1_000) }),
        )
        .catch(unlessGone);
      await engine
        .call('remove a container', (docker) =>
          docker.getContainer(id).remove({ force: true, v: true }),
        )
        .catch(unlessGone);
    },
    leaveNetwork: async (environmentUuid) => {
      await engine
        .call('remove a network', (docker) =>
          docker.getNetwork(names.network(environmentUuid)).remove(),
        )
        .catch((error: unknown) => {
          // 403: something is still on it.
          if (!(error instanceof EngineRefusal)) throw error;
        });
    },
  };
}

/** 304: it does not run. 404: it is not there. 409: somebody else removes it. */
function unlessGone(error: unknown): void {
  if (error instanceof EngineRefusal && [304, 404, 409].includes(error.status)) return;
  throw error;
}

function describe(
  request: ContainerRequest,
  names: Names,
  { limits: { logBytes }, hardening, volumes }: DockerRuntimeOptions,
  limits: ResourceLimits,
): ContainerCreateOptions {
  const { environmentUuid, command } = request;
  return {
    name: request.name,
    Image: request.digest,
    ...(command === null ? {} : { Cmd: ['/bin/sh', '-c', command, ...(request.arguments ?? [])] }),
    Env: Object.entries(request.variables).map(([name, value]) => `${name}=${value}`),
    Labels: request.labels,
    ...(request.attached === undefined ? {} : attachedTo(request.attached)),
    ...(request.stopSeconds === undefined ? {} : { StopTimeout: request.stopSeconds }),
    HostConfig: {
      NetworkMode: names.network(environmentUuid),
      // Reaps what an application leaves, and passes signals on.
      Init: true,
      SecurityOpt: ['no-new-privileges'],
      CapDrop: ['ALL'],
      CapAdd: [...hardening.capabilities],
      ReadonlyRootfs: hardening.readOnlyRoot,
      Tmpfs: hardening.readOnlyRoot ? TMPFS : {},
      ...resourcesFor(limits, logBytes),
      Mounts: [
        ...volumes
          // What a service keeps there wins.
          .filter((path) => !request.mounts.some((mount) => mount.path === path))
          .map((path) => ({
            Type: 'volume' as const,
            Source: names.volume(environmentUuid, path),
            Target: path,
            VolumeOptions: {
              Labels: names.labels('volume', { 'sluice.environment': environmentUuid }),
              NoCopy: false,
              DriverConfig: { Name: 'local', Options: {} },
            },
          })),
        ...request.mounts.map(({ serviceUuid, path }) => ({
          Type: 'volume' as const,
          Source: names.backing(serviceUuid),
          Target: path,
        })),
      ],
      ...request.more,
    },
  };
}

const attachedTo = ({ terminal }: { readonly terminal: boolean }) => ({
  ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true },
  // Its input ends with whoever is joined to it.
  StdinOnce: true,
  Tty: terminal,
});
