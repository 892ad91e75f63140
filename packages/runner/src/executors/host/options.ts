import { totalmem } from 'node:os';
import { DEFAULT_ENVIRONMENT, DEFAULT_SETTINGS_FILES } from './environment.ts';

export interface HostExecutorOptions {
  /** Directory for jobs and caches; made when it is not there, only its owner can enter it. */
  workDir: string;
  /** Directory with Sluice's own `sluice` and `divio`, first on every job's PATH. */
  commandsDir?: string;
  /** Directories that jobs see read-only at the same path: what the programs of `commandsDir` need to run. */
  readOnly?: readonly string[];
  /** Directories that no job may see, even where they lie inside something it sees: the data directory. */
  hidden?: readonly string[];
  /** The environment that `environment` picks from; the caller's `process.env`, as a rule. */
  machineEnvironment: NodeJS.ProcessEnv;
  /** Names of variables that jobs get from the machine; `*` at the end stands for anything. Default: {@link DEFAULT_ENVIRONMENT}. */
  environment?: readonly string[];
  /** Files, relative to the home directory, that jobs get a copy of. Default: {@link DEFAULT_SETTINGS_FILES}. */
  settingsFiles?: readonly string[];
  /** Home directory of whoever runs the runner: its toolchains are shown to jobs read-only. */
  home: string;
  /** Processes and threads of one job. Default 2048. */
  processes?: number;
  /** Memory of one job. Default: three quarters of the machine's. */
  memoryBytes?: number;
  /** Raised nice level of jobs, so that live applications come first. Default 5: a third of their share when both want all. */
  nice?: number;
  /** As root, jobs run under ids from here up, one for each job that runs at once. Default 60800. */
  firstUid?: number;
  /** How long a job's processes have between being asked to end and being ended. Default 2000. */
  graceMs?: number;
  /** `auto` (default) uses bubblewrap where it works; `none` never does, for machines where the caller isolates otherwise. */
  sandbox?: 'auto' | 'none';
  /** The most that a repository's pip cache may hold between jobs. Default 1 GiB. */
  cacheBytes?: number;
}

export type ResolvedOptions = Required<Omit<HostExecutorOptions, 'commandsDir'>> & {
  commandsDir: string | null;
};

export function withDefaults(options: HostExecutorOptions): ResolvedOptions {
  return {
    readOnly: [],
    hidden: [],
    environment: DEFAULT_ENVIRONMENT,
    settingsFiles: DEFAULT_SETTINGS_FILES,
    processes: 2048,
    memoryBytes: Math.floor(totalmem() * 0.75),
    nice: 5,
    firstUid: 60_800,
    graceMs: 2_000,
    sandbox: 'auto',
    cacheBytes: 1024 ** 3,
    ...options,
    commandsDir: options.commandsDir ?? null,
  };
}
