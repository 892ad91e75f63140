import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { createPorts } from '../process/ports.ts';
import {
  type RunningInstance,
  type RunningUsage,
  RuntimeFailure,
  type StartedInstance,
  type StartRequest,
} from '../runtime.ts';
import type { Containers } from './containers.ts';
import { type Engine, EngineRefusal, isMissing } from './engine.ts';
import type { Follower } from './follower.ts';
import { LABELS, type Names } from './labels.ts';
import { planOf } from './plan.ts';
import { limitsOf } from './resources.ts';

export interface InstanceDeps {
  readonly engine: Engine;
  readonly names: Names;
  readonly containers: Containers;
  readonly follower: Follower;
  /**
   * Where ports are bound on the engine's machine, and what reaches them from here. Null: the machine's own address on the environment's
   * network. There the kernel leads the way by itself; to 127.0.0.1 a helper of the engine does, which ends with the engine.
   */
  readonly published: { readonly bind: string; readonly host: string } | null;
}

export interface Instances {
  start(request: StartRequest): Promise<StartedInstance>;
  stop(instanceUuid: string, graceMs: number): Promise<void>;
  list(): Promise<RunningInstance[]>;
  usage(): Promise<RunningUsage[]>;
  /** Copies the output of all that run and are not followed yet. */
  followAll(): Promise<void>;
}

const TRIES = 5;

/** Instances are containers that the engine itself keeps running: they need no server. */
export function createInstances(deps: InstanceDeps): Instances {
  const { engine, names, containers, follower } = deps;
  const ports = createPorts();

  const list = (): Promise<ContainerInfo[]> =>
    engine.call('list containers', (docker) =>
      docker.listContainers({ all: true, filters: names.filter('instance') }),
    );
  const present = async () => (await list()).filter((one) => UP.has(one.State));

  const follow = (container: string, labels: Readonly<Record<string, string>>) =>
    follower.follow({
      container,
      uuid: labels[LABELS.instance] ?? '',
      environmentUuid: labels[LABELS.environment] ?? '',
      service: labels[LABELS.service] ?? '',
    });

  const startOn = async (
    request: StartRequest,
    port: number | null,
    bind: string,
  ): Promise<void> => {
    const plan = planOf(request.image);
    const service = plan?.services.find(({ name }) => name === request.service.name);
    if (plan === null || service === undefined) {
      throw new RuntimeFailure(
        'no_such_service',
        `The image has no process type "${request.service.name}".`,
      );
    }
    const inside = portInside(request.variables, plan.port);
    const labels = names.labels('instance', {
      [LABELS.instance]: request.instanceUuid,
      [LABELS.environment]: request.environmentUuid,
      [LABELS.service]: request.service.name,
      [LABELS.image]: request.imageUuid,
      ...(port === null ? {} : { [LABELS.port]: String(port) }),
    });
    const { id } = await containers.create({
      name: names.instance(request.instanceUuid),
      labels,
      digest: request.image.digest,
      environmentUuid: request.environmentUuid,
      command: service.command,
      variables: {
        ...request.variables,
        ...(request.service.takesRequests ? { PORT: String(inside) } : {}),
      },
      mounts: request.mounts,
      limits: request.limits,
      stopSeconds: Math.ceil(request.graceMs / 1_000),
      more: {
        RestartPolicy: { Name: 'unless-stopped' },
        PortBindings:
          port === null ? {} : { [`${inside}/tcp`]: [{ HostIp: bind, HostPort: String(port) }] },
      },
    });
    await engine
      .call('start a container', (docker) => docker.getContainer(id).start())
      .catch((error: unknown) => {
        // It runs already.
        if (!(error instanceof EngineRefusal && error.status === 304)) throw error;
      });
    follow(id, labels);
  };

  const start: Instances['start'] = async (request) => {
    const own = await containers.enterNetwork(request.environmentUuid);
    const { bind, host } = deps.published ?? { bind: own, host: own };
    if (!request.service.takesRequests) {
      await startOn(request, null, bind);
      return { host, port: null };
    }
    const known = (await list()).find(
      (one) => one.Labels[LABELS.instance] === request.instanceUuid,
    );
    const before = request.port ?? (Number(known?.Labels[LABELS.port]) || null);
    for (let attempt = 1; ; attempt += 1) {
      const taken = new Set((await list()).map((one) => Number(one.Labels[LABELS.port])));
      const port = before ?? (await ports.reserve(taken));
      try {
        await startOn(request, port, bind);
        return { host, port };
      } catch (error) {
        if (!isPortTaken(error)) throw error;
        await containers.remove(names.instance(request.instanceUuid), 0);
        if (before === null && attempt < TRIES) continue;
        throw new RuntimeFailure(
          'port_taken',
          `Port ${port} is taken by another program on the engine's machine. Deploy again: another port will be chosen.`,
          { cause: error },
        );
      } finally {
        // From here on the container's label reserves it.
        if (before === null) ports.release(port);
      }
    }
  };

  return {
    start,
    stop: async (instanceUuid, graceMs) => {
      const name = names.instance(instanceUuid);
      const found = (await list()).find((one) => one.Labels[LABELS.instance] === instanceUuid);
      if (found === undefined) return;
      await engine
        .call('stop a container', (docker) =>
          docker.getContainer(name).stop({ t: Math.ceil(graceMs / 1_000) }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof EngineRefusal)) throw error;
        });
      await follower.settled(instanceUuid);
      await containers.remove(name, 0);
      await follower.forget(instanceUuid);
      await containers.leaveNetwork(found.Labels[LABELS.environment] ?? '');
    },
    list: async () => {
      const all = await present();
      const looked = await Promise.all(all.map((one) => lookAt(engine, one.Id)));
      const ends = await Promise.all(
        all.map(({ Labels }) => follower.lastExit(Labels[LABELS.instance] ?? '')),
      );
      return all.flatMap(({ Labels, State }, index) => {
        const found = looked[index] ?? null;
        if (found === null) return [];
        return {
          instanceUuid: Labels[LABELS.instance] ?? '',
          environmentUuid: Labels[LABELS.environment] ?? '',
          service: Labels[LABELS.service] ?? '',
          port: Number(Labels[LABELS.port]) || null,
          exits: found.RestartCount,
          isUp: State === 'running',
          limits: limitsOf(found.HostConfig),
          lastExit: ends[index] ?? null,
        };
      });
    },
    usage: async () => {
      const all = (await present()).filter((one) => one.State === 'running');
      const used = await Promise.all(all.map((one) => usageOf(engine, one)));
      return used.filter((one) => one !== null);
    },
    followAll: async () => {
      for (const { Id, Labels } of await present()) follow(Id, Labels);
    },
  };
}

/** States in which the engine keeps a container running; one that somebody stopped by hand is not there. */
const UP = new Set(['running', 'restarting', 'paused']);

/** spec/divio.md 3.2: the variable PORT, else what the image exposes. */
function portInside(variables: Readonly<Record<string, string>>, exposed: number): number {
  const wanted = Number(variables['PORT']);
  return Number.isInteger(wanted) && wanted > 0 && wanted < 65_536 ? wanted : exposed;
}

function isPortTaken(error: unknown): boolean {
  return (
    error instanceof EngineRefusal &&
    /port is already allocated|address already in use/.test(error.message)
  );
}

async function lookAt(engine: Engine, id: string): Promise<ContainerInspectInfo | null> {
  try {
    return await engine.call('look at a container', (docker) => docker.getContainer(id).inspect());
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function usageOf(
  engine: Engine,
  { Id, Labels }: ContainerInfo,
): Promise<RunningUsage | null> {
  try {
    const stats = await engine.call('read the usage of a container', (docker) =>
      docker.getContainer(Id).stats({ stream: false, 'one-shot': true }),
    );
    const { usage = 0, stats: details } = stats.memory_stats;
    return {
      instanceUuid: Labels[LABELS.instance] ?? '',
      cpuMs: Math.round((stats.cpu_stats.cpu_usage?.total_usage ?? 0) / 1_000_000),
      // Without the pages of files, which the kernel takes back whenever it needs them.
      memoryBytes: Math.max(
        0,
        usage - (details?.inactive_file ?? details?.total_inactive_file ?? 0),
      ),
      processes: stats.pids_stats?.current ?? 0,
    };
  } catch (error) {
    if (error instanceof EngineRefusal) return null;
    throw error;
  }
}
