import type { Json } from './messages.ts';

/** An encrypted value as it stands in the file: base64 of the cipher text (spec 14). */
export type Secure = { secure: string };

/**
 * The variables of one entry of `env`, by name; values are shell text as written (quotes kept, spec 3.2).
 * A row that is itself a {@link Secure} holds one or more encrypted `NAME=value` assignments.
 */
export type EnvRow = { [name: string]: string | Secure };

/** A value that may be encrypted. */
export type Secret = string | Secure;

export type PhaseName =
  | 'before_install'
  | 'install'
  | 'before_script'
  | 'script'
  | 'before_cache'
  | 'after_success'
  | 'after_failure'
  | 'before_deploy'
  | 'after_deploy'
  | 'after_script';

export type GitOptions = {
  depth?: number | false;
  clone?: boolean;
  submodules?: boolean;
  submodules_depth?: number;
  strategy?: string;
  quiet?: boolean;
  lfs_skip_smudge?: boolean;
  sparse_checkout?: string;
  symlinks?: boolean;
  autocrlf?: boolean | string;
};

export type CacheOptions = {
  directories?: string[];
  timeout?: number;
  branch?: string;
  [type: string]: Json | undefined;
};

/** When a deploy entry runs (spec 7.2). Runtime keys (`python`, `node_js`, ...) compare with the job's. */
export type DeployOn = {
  repo?: string;
  branch?: string[];
  all_branches?: boolean;
  tags?: boolean;
  condition?: string[];
  os?: string;
  [runtime: string]: Json | undefined;
};

export type DeployConfig = {
  provider: string;
  on?: DeployOn;
  allow_failure?: boolean;
  /** Provider `script`: one command, run in a child shell; in an old style a map of them by branch. */
  script?: Secret | { [branch: string]: Json };
  run?: Json;
  [option: string]: Json | undefined;
};

export type Phases = { [phase in PhaseName]?: string[] };

/** What a root and a job have in common. */
export type Shared = Phases & {
  language?: string;
  dist?: string;
  if?: string;
  conditions?: string;
  addons?: { [addon: string]: Json };
  branches?: { only?: string[]; except?: string[] };
  cache?: CacheOptions | false;
  deploy?: DeployConfig[];
  git?: GitOptions;
  services?: string[];
  /** Ours: the image that the job runs in, where jobs run in Docker. */
  image?: string;
  filter_secrets?: boolean;
  /** Ours: labels that the runner must have, value by name. */
  runner?: { [label: string]: string };
  group?: string;
  sudo?: boolean | string;
  vm?: { [key: string]: Json };
  workspaces?: { [key: string]: Json };
};

/** One job, in Travis's own key names. Matrix keys (`python`, `os`, ...) hold one value here. */
export type JobConfig = Shared & {
  os?: string;
  arch?: string;
  /** One map a row: the global entries first, then the job's own (spec 4, step 7). */
  env?: EnvRow[];
  name?: string;
  stage?: string;
  allow_failure?: boolean;
  [key: string]: Json | undefined;
};

export type Stage = { name: string; if?: string };

export type Import = { source: string; mode?: MergeMode; if?: string };

export type MergeMode = 'deep_merge_append' | 'deep_merge_prepend' | 'deep_merge' | 'merge';

/** An `exclude` or `allow_failures` entry: what a job must equal to be meant. */
export type JobMatcher = { [key: string]: Json | undefined };

/** The normalised root. Matrix keys (`python`, `os`, ...) hold lists. */
export type BuildConfig = Shared & {
  os?: string[];
  arch?: string[];
  env?: { global?: EnvRow[]; jobs?: EnvRow[] };
  jobs?: {
    include?: JobConfig[];
    exclude?: JobMatcher[];
    allow_failures?: JobMatcher[];
    fast_finish?: boolean;
  };
  stages?: Stage[];
  import?: Import[];
  notifications?: { [kind: string]: Json };
  version?: string;
  [key: string]: Json | undefined;
};
