import type { ContainerInspectInfo } from 'dockerode';
import type { Backing, BackingSpec, BackingThere } from '../../backing.ts';
import type { Containers } from '../containers.ts';
import { type Engine, EngineRefusal, isMissing } from '../engine.ts';
import { LABELS, type Names } from '../labels.ts';
import type { ContainerLimits } from '../options.ts';
import type { Registries } from '../registry.ts';
import { describeBacking } from './describe.ts';
import { execIn } from './exec.ts';
import { ensureImage } from './pull.ts';
import { createVolumes } from './volume.ts';
import { runOnVolume } from './volume-tool.ts';

export interface BackingDeps {
  readonly engine: Engine;
  readonly names: Names;
  readonly containers: Containers;
  readonly registries: Registries;
  readonly limits: ContainerLimits;
}

/** Making it again heals what another hand, or a network that went at the wrong moment, has broken. */
const TRIES = 3;
const LAST_LINES = 20;
/** How the engine writes a time that has not come. */
const NEVER = '0001-01-01T00:00:00Z';

/** Services as containers and volumes of the engine, which keeps them running by itself. */
export function createDockerBacking(deps: BackingDeps): Backing {
  const { engine, names, containers } = deps;
  const volumes = createVolumes(engine, names);

  const inspect = async (serviceUuid: string): Promise<ContainerInspectInfo | null> =>
    engine
      .call('look at a service', (docker) =>
        docker.getContainer(names.backing(serviceUuid)).inspect(),
      )
      .catch(nullIfMissing);
  const hasVolume = async (serviceUuid: string): Promise<boolean> =>
    (await engine
      .call('look at a volume', (docker) => docker.getVolume(names.backing(serviceUuid)).inspect())
      .catch(nullIfMissing)) !== null;

  /** Of two with one name the engine answers the first again. */
  const ensureVolume = async ({ serviceUuid, environmentUuid, application }: BackingSpec) => {
    if (await hasVolume(serviceUuid)) return;
    const Labels = names.labels('backing', {
      [LABELS.backing]: serviceUuid,
      [LABELS.environment]: environmentUuid,
      [LABELS.application]: application,
    });
    await engine.call('make a volume', (docker) =>
      docker.createVolume({ Name: names.backing(serviceUuid), Labels }),
    );
  };

  const startOnce = async (spec: BackingSpec): Promise<void> => {
    const { serviceUuid, environmentUuid, program } = spec;
    if (program === null) return;
    const there = await inspect(serviceUuid);
    if (there?.State.Running === true) return;
    if (there === null) {
      await ensureImage(engine, deps.registries, program.image);
      await containers.enterNetwork(environmentUuid);
      await engine.call('make a service', (docker) =>
        docker.createContainer(describeBacking(spec, program, names, deps.limits)),
      );
    }
    // 304, it runs already, is no error of the library's.
    await engine.call('start a service', (docker) =>
      docker.getContainer(names.backing(serviceUuid)).start(),
    );
  };

  const up: Backing['up'] = async (spec) => {
    await ensureVolume(spec);
    if (spec.program === null) {
      await volumes.open(names.backing(spec.serviceUuid));
      return;
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        await startOnce(spec);
        return;
      } catch (error) {
        if (!(error instanceof EngineRefusal)) throw error;
        if (error.status === 304) return;
        if (attempt === TRIES) throw error;
        // Made by another server at the same moment: it is there now. Otherwise it cannot be started as it is.
        if (error.status !== 409) await containers.remove(names.backing(spec.serviceUuid), 0);
      }
    }
  };

  return {
    up,
    state: async (serviceUuid) => {
      const there = await inspect(serviceUuid);
      if (there !== null) return there.State.Running ? 'running' : 'down';
      return 'missing';
    },
    hasVolume,
    hasEnded: async (serviceUuid) => {
      const there = await inspect(serviceUuid);
      if (there === null) return hasVolume(serviceUuid);
      const { Status, Running, FinishedAt } = there.State;
      return Status !== 'created' && (!Running || FinishedAt !== NEVER);
    },
    exec: (serviceUuid, request) => execIn(engine, names.backing(serviceUuid), request),
    lastWords: async (serviceUuid) => {
      const output = await engine
        .call('read the output of a service', (docker) =>
          docker
            .getContainer(names.backing(serviceUuid))
            .logs({ follow: false, stdout: true, stderr: true, tail: LAST_LINES }),
        )
        .catch(nullIfMissing);
      return output === null ? '' : textOf(output);
    },
    down: async (serviceUuid, graceMs) => {
      const there = await inspect(serviceUuid);
      if (there === null) return;
      await containers.remove(there.Id, graceMs);
      await containers.leaveNetwork(there.Config.Labels[LABELS.environment] ?? '');
    },
    erase: async (serviceUuid) => {
      await engine
        .call('remove a volume', (docker) => docker.getVolume(names.backing(serviceUuid)).remove())
        .catch(nullIfMissing);
    },
    all: async () => {
      const found = await engine.call('list services', async (docker) => ({
        containers: await docker.listContainers({ all: true, filters: names.filter('backing') }),
        volumes: await docker.listVolumes({ filters: JSON.stringify(names.filter('backing')) }),
      }));
      const there = new Map<string, BackingThere>();
      const note = (labels: Readonly<Record<string, string>> | null, is: Partial<BackingThere>) => {
        const serviceUuid = labels?.[LABELS.backing] ?? '';
        const before = there.get(serviceUuid) ?? { program: 'missing', volume: false };
        there.set(serviceUuid, { ...before, ...is, serviceUuid });
      };
      for (const { Labels } of found.volumes.Volumes) note(Labels, { volume: true });
      for (const { Labels, State } of found.containers) {
        note(Labels, { program: State === 'running' ? 'running' : 'down' });
      }
      return [...there.values()];
    },
    readVolume: (serviceUuid) => volumes.read(names.backing(serviceUuid)),
    writeVolume: (serviceUuid, archive, folder) =>
      volumes.write(names.backing(serviceUuid), archive, folder),
    runOnVolume: async (serviceUuid, image, argv) => {
      await ensureImage(engine, deps.registries, image);
      return runOnVolume(engine, names, names.backing(serviceUuid), image, argv);
    },
  };
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** The engine's frames taken apart: 8 bytes before each piece. */
function textOf(output: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= output.length; ) {
    const end = at + 8 + output.readUInt32BE(at + 4);
    pieces.push(output.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8').trim();
}
