import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DockerOptions } from 'dockerode';
import { DEFAULT_ENVIRONMENT, DEFAULT_SETTINGS_FILES } from '../host/environment.ts';

export interface DockerExecutorOptions {
  /**
   * Names this runner on the engine, the same at its next start: what it finds there under this name and belongs to no living
   * process is its own remains. Letters, digits, `.`, `_` and `-`.
   */
  runnerId: string;
  /** How the engine is reached. Default: what the environment says (`DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`), else the local socket. */
  engine?: DockerOptions;
  /** Sluice's command as one file for Node (`packages/cli/dist/sluice.mjs`); absent: jobs get no commands. */
  commandsBundle?: string;
  /** The environment that `environment` picks from; the caller's `process.env`, as a rule. */
  machineEnvironment: NodeJS.ProcessEnv;
  /** Names of variables that jobs get from the machine; `*` at the end stands for anything. */
  environment?: readonly string[];
  /** Home directory of whoever runs the runner. */
  home: string;
  /** Files, relative to the home directory, that jobs get a copy of. */
  settingsFiles?: readonly string[];
  /** Rows `LANGUAGE[:VERSION]=IMAGE` before the built-in ones (`images.ts`). */
  images?: readonly string[];
  /** Patterns of images that jobs may choose by `image:`; `*` stands for anything. Default: every one. */
  allowedImages?: readonly string[];
  /** Rows `NAME[:PORT]=IMAGE` before the built-in services (`services.ts`). */
  services?: readonly string[];
  /** `missing` (default), `always`, or `never`. */
  pull?: 'missing' | 'always' | 'never';
  /** The file in which `docker login` keeps the logins of registries. Default: that of whoever runs the runner. */
  registryFile?: string;
  /** Which builds reach other machines: all (default), only trusted ones, or none. Sluice itself is always reached. */
  egress?: 'all' | 'trusted' | 'none';
  /** Slugs of repositories whose trusted builds get the engine's own socket with `services: docker`. */
  engineAccess?: readonly string[];
  /** Processor cores of one job. Default: those of this machine. */
  cores?: number;
  /** Memory of one job, and of each of its services. Default: three quarters of this machine's. */
  memoryBytes?: number;
  /** Processes and threads of one job. Default 2048. */
  processes?: number;
  /** What a job may write to its container. Default 20 GiB; 0: no limit. */
  diskBytes?: number;
  /** The job's user and group in the container. Default 60800. */
  uid?: number;
  /** How long a job's processes have between being asked to end and being ended. Default 2000. */
  graceMs?: number;
  /** How long a service may take until it answers. Default 60000. */
  serviceMs?: number;
  /** How long pulling an image may take. Default 15 minutes. */
  pullMs?: number;
  /** How often leftovers of runners that are gone are looked for. Default one minute. */
  sweepMs?: number;
  /** From this age on, what belongs to no running job is anybody's to remove. Default 15 minutes. */
  abandonedMs?: number;
}

export type ResolvedOptions = Required<Omit<DockerExecutorOptions, 'commandsBundle' | 'engine'>> & {
  commandsBundle: string | null;
  engine: DockerOptions | undefined;
};

export function withDefaults(options: DockerExecutorOptions): ResolvedOptions {
  return {
    environment: DEFAULT_ENVIRONMENT,
    settingsFiles: DEFAULT_SETTINGS_FILES,
    images: [],
    allowedImages: ['*'],
    services: [],
    pull: 'missing',
    registryFile: join(
      options.machineEnvironment['DOCKER_CONFIG'] || join(options.home, '.docker'),
      'config.json',
    ),
    egress: 'all',
    engineAccess: [],
    cores: availableParallelism(),
    memoryBytes: Math.floor(totalmem() * 0.75),
    processes: 2_048,
    diskBytes: 20 * 1024 ** 3,
    uid: 60_800,
    graceMs: 2_000,
    serviceMs: 60_000,
    pullMs: 15 * 60_000,
    sweepMs: 60_000,
    abandonedMs: 15 * 60_000,
    ...options,
    commandsBundle: options.commandsBundle ?? null,
    engine: options.engine,
  };
}
