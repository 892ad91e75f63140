import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  createAppLogWriter,
  endTask,
  type InstanceStatus,
  readApplicationLog,
  type Supervisor,
} from '../../supervisor/index.ts';
import { type BuiltImage, type InstanceExit, type Runtime, RuntimeFailure } from '../runtime.ts';
import { buildImage } from './build.ts';
import { digestOf } from './digest.ts';
import { type ImagePlaces, placesOf } from './places.ts';
import type { Plan } from './plan.ts';
import { createPorts } from './ports.ts';
import { probeInstance } from './probe.ts';
import { createSandbox } from './sandbox.ts';
import { runShell, shellWords } from './shell.ts';
import { createImageSizes } from './sizes.ts';
import { createSurroundings } from './surroundings.ts';
import { runTask } from './task-run.ts';
import { createToolchains } from './toolchains.ts';

export interface ProcessRuntimeOptions {
  readonly dataDir: string;
  readonly supervisor: Supervisor;
  readonly sandbox: 'auto' | 'required' | 'off';
  /** Home and PATH of whoever runs the server: where toolchains are looked for. */
  readonly home: string;
  readonly path: string;
  /** The part of the server's environment that builds may see: package managers' settings. */
  readonly buildVariables: Readonly<Record<string, string>>;
}

/** Raised when the same commit would be built differently, so that old images are not adopted. */
const RECIPE = 'process-1';
const YOUNG_MS = 60_000;

/** Releases as plain processes of this machine, in a sandbox each where that works. */
export function createProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  const { supervisor, home } = options;
  const dataDir = resolve(options.dataDir);
  const sandbox = createSandbox(options.sandbox, home);
  const surroundings = createSurroundings(sandbox, options.buildVariables);
  const toolchains = createToolchains(home, options.path);
  const ports = createPorts();
  const builds = join(dataDir, 'builds');
  const tasks = join(dataDir, 'tasks');
  const shells = join(dataDir, 'shells');
  // The supervisor renames what is full; two that do would lose lines.
  const writer = createAppLogWriter(join(dataDir, 'logs'), {
    segmentBytes: Number.POSITIVE_INFINITY,
    keptSegments: Number.POSITIVE_INFINITY,
  });

  const sizes = createImageSizes((imageUuid) => placesFor(imageUuid));
  const placesFor = (imageUuid: string) => placesOf(builds, imageUuid);
  const planOf = (image: BuiltImage) => JSON.parse(image.plan) as Plan;
  const digest = ({ app, venv }: ImagePlaces) => digestOf([app, venv]);

  const logs: Runtime['logs'] = (environmentUuid, cursor, limit) =>
    readApplicationLog(join(dataDir, 'logs'), environmentUuid, cursor, limit);

  return {
    name: 'process',
    limits: null,
    capabilities: { buildTitle: 'build', releaseTitle: 'release commands' },
    backing: null,
    inputs: async () => `${RECIPE} ${process.platform}-${process.arch}`,
    prepareSource: async (imageUuid) => {
      const { root, app } = placesFor(imageUuid);
      await rm(root, { recursive: true, force: true });
      await mkdir(app, { recursive: true });
      return app;
    },

    build: async (request) => {
      const places = placesFor(request.imageUuid);
      const problem = await sandbox.problem();
      if (problem !== null) await request.log(`Running without a sandbox: ${problem}.\n`);
      const plan = await buildImage(
        { dataDir, home, supervisor, toolchains, surroundings, sandbox },
        places,
        request,
      );
      return { plan: JSON.stringify(plan), digest: await digest(places) };
    },
    verify: async (imageUuid, image) => {
      const found = await digest(placesFor(imageUuid)).catch((error: unknown) => String(error));
      return found === image.digest
        ? null
        : `The files of image ${imageUuid} are not those that were built (${found} instead of ${image.digest}).`;
    },
    removeImage: async (imageUuid) => {
      for (const id of await readdirOrNone(placesFor(imageUuid).tasks)) {
        await endTask(`${imageUuid}-build-${id}`, 0);
      }
      await rm(placesFor(imageUuid).root, { recursive: true, force: true });
    },
    imageUuids: () => readdirOrNone(builds),
    imageSizes: sizes,
    registry: null,
    nameInRegistry: () => null,

    releaseCommands: (image) => planOf(image).releaseCommands,
    release: async (request) => {
      await mkdir(tasks, { recursive: true, mode: 0o700 });
      const directory = join(tasks, request.taskId);
      const taskHome = join(tasks, `${request.taskId}.home`);
      await mkdir(taskHome, { recursive: true, mode: 0o700 });
      await sandbox.own([taskHome]);
      const code = await runTask(
        supervisor,
        {
          id: request.taskId,
          directory,
          program: await surroundings.forCommand({
            places: placesFor(request.imageUuid),
            plan: planOf(request.image),
            command: request.command,
            variables: request.variables,
            home: taskHome,
          }),
          timeoutMs: request.timeoutMs,
          nice: false,
        },
        request.log,
        request.signal,
      );
      await rm(taskHome, { recursive: true, force: true });
      if (code === null) {
        throw new RuntimeFailure(
          'interrupted',
          'It was interrupted, and nobody can say how far it came.',
        );
      }
      if (code === 124 && (await ranFor(directory)) >= request.timeoutMs) {
        throw new RuntimeFailure(
          'release_command_timeout',
          `It took longer than ${request.timeoutMs / 60_000} minutes and was stopped.`,
        );
      }
      if (code !== 0) {
        throw new RuntimeFailure('release_command_failed', `It exited with status ${code}.`);
      }
    },

    endTasks: async (unfinished) => {
      for (const name of await readdirOrNone(tasks)) {
        const [deployment = '', rest] = name.split('-release-');
        if (rest === undefined || unfinished.has(deployment)) continue;
        // Who asks may not know one yet that has just begun.
        if (deployment.startsWith('cron-') && (await isYoung(join(tasks, name)))) continue;
        await rm(join(tasks, name), { recursive: true, force: true });
      }
    },

    endTask: (taskId) => rm(join(tasks, taskId), { recursive: true, force: true }),

    services: (image) =>
      planOf(image).processes.map(({ type }) => ({ name: type, takesRequests: type === 'web' })),
    start: async (request) => {
      const plan = planOf(request.image);
      const planned = plan.processes.find(({ type }) => type === request.service.name);
      if (planned === undefined) {
        throw new RuntimeFailure(
          'no_such_service',
          `The image has no process type "${request.service.name}".`,
        );
      }
      const running = await supervisor.instances();
      const taken = new Set(running.flatMap((one) => (one.port === null ? [] : [one.port])));
      const port = request.service.takesRequests
        ? (request.port ?? (await ports.reserve(taken)))
        : null;
      const instanceHome = join(dataDir, 'instances', request.instanceUuid, 'home');
      await mkdir(instanceHome, { recursive: true, mode: 0o700 });
      await sandbox.own([instanceHome]);
      try {
        await supervisor.startInstance({
          id: request.instanceUuid,
          environmentUuid: request.environmentUuid,
          service: request.service.name,
          program: await surroundings.forProcess({
            places: placesFor(request.imageUuid),
            plan,
            process: planned,
            variables: request.variables,
            port,
            home: instanceHome,
          }),
          port,
          graceMs: request.graceMs,
        });
      } finally {
        // From here on the supervisor's list reserves it.
        if (port !== null) ports.release(port);
      }
      return { host: '127.0.0.1', port };
    },
    probe: (request) => probeInstance(supervisor, logs, request),
    stop: async (instanceUuid, graceMs) => {
      await supervisor.stopInstance(instanceUuid, graceMs);
      await rm(join(dataDir, 'instances', instanceUuid), { recursive: true, force: true });
    },
    instances: async () =>
      (await supervisor.instances())
        .filter((one) => one.state !== 'stopping')
        .map((one) => ({
          instanceUuid: one.id,
          environmentUuid: one.environmentUuid,
          service: one.service,
          port: one.port,
          exits: one.exits,
          isUp: one.state === 'running' && one.problem === null,
          limits: null,
          lastExit: lastExitOf(one),
        })),
    usage: async () =>
      (await supervisor.usage())?.map(({ id, ...used }) => ({ instanceUuid: id, ...used })) ?? null,
    logs,
    note: (environmentUuid, service, lines) =>
      writer.write(environmentUuid, { service, instance: null }, lines),
    openShell: async ({ shellUuid, image, imageUuid, command, terminal, variables }) => {
      const shellHome = join(shells, shellUuid);
      const remove = () => rm(shellHome, { recursive: true, force: true });
      await mkdir(shellHome, { recursive: true, mode: 0o700 });
      await sandbox.own([shellHome]);
      try {
        const program = await surroundings.forCommand({
          ...{ places: placesFor(imageUuid), plan: planOf(image), home: shellHome },
          ...shellWords(command, terminal),
          variables: terminal === null ? variables : { TERM: 'xterm', ...variables },
        });
        return await runShell(`shell-${shellUuid}`, program, terminal, remove);
      } catch (error) {
        await remove();
        throw error;
      }
    },
    shellUuids: () => readdirOrNone(shells),
    endShell: async (uuid) => {
      await endTask(`shell-${uuid}`, 0);
      await rm(join(shells, uuid), { recursive: true, force: true });
    },
    watch: async () => {
      await mkdir(builds, { recursive: true, mode: 0o700 });
      await chmod(builds, 0o700);
      await supervisor.watch();
    },
    unwatch: () => supervisor.unwatch(),
  };
}

function lastExitOf({ lastExit }: InstanceStatus): InstanceExit | null {
  if (lastExit === null) return null;
  const { at, code: status, signal } = lastExit;
  return { at, status, signal, outOfMemory: false };
}

/** Milliseconds between a task's beginning and its end, by its files. */
async function ranFor(directory: string): Promise<number> {
  const [begun, ended] = await Promise.all([
    stat(join(directory, 'process')),
    stat(join(directory, 'status')),
  ]);
  return ended.mtimeMs - begun.mtimeMs + 50;
}

async function isYoung(path: string): Promise<boolean> {
  const { birthtimeMs } = await stat(path);
  return Date.now() - birthtimeMs < YOUNG_MS;
}

async function readdirOrNone(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}
