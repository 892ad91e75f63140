import { addons } from './addons.ts';
import {
  any,
  bool,
  condition,
  custom,
  enumeration,
  map,
  num,
  oneOf,
  type Schema,
  seq,
  str,
} from './kinds.ts';
import { languageAliases, languages, matrixKeys } from './languages.ts';
import {
  architectureAliases,
  architectures,
  distributions,
  systemAliases,
  systems,
} from './systems.ts';

const phases = [
  'before_install',
  'install',
  'before_script',
  'script',
  'before_cache',
  'after_success',
  'after_failure',
  'before_deploy',
  'after_deploy',
  'after_script',
] as const;

const commands: { [phase: string]: Schema } = {};
for (const phase of phases) commands[phase] = custom('commands');

const git = map({
  depth: custom('gitDepth'),
  clone: bool,
  submodules: bool,
  submodules_depth: num,
  strategy: enumeration(['clone', 'tarball']),
  quiet: bool,
  lfs_skip_smudge: bool,
  sparse_checkout: str,
  symlinks: bool,
  autocrlf: oneOf(bool, enumeration(['input'])),
});

/** Language options without effect on the matrix (spec 2). */
const languageOptions = {
  android: any,
  bundler_args: str,
  composer_args: str,
  gimme_config: any,
  go_import_path: str,
  gobuild_args: str,
  lein: str,
  npm_args: str,
  podfile: str,
  sbt_args: str,
  virtualenv: map({ system_site_packages: bool }),
  xcode_project: str,
  xcode_workspace: str,
} satisfies { [key: string]: Schema };

const services = enumeration(
  [
    'cassandra',
    'couchdb',
    'docker',
    'elasticsearch',
    'mariadb',
    'memcached',
    'mongodb',
    'mysql',
    'neo4j',
    'podman',
    'postgresql',
    'rabbitmq',
    'redis-server',
    'rethinkdb',
    'riak',
    'xvfb',
    'apache2',
    'rabbitmq-server',
  ],
  {
    'docker-ce': 'docker',
    mongo: 'mongodb',
    mongod: 'mongodb',
    postgres: 'postgresql',
    memcache: 'memcached',
    'neo4j-server': 'neo4j',
    redis: 'redis-server',
  },
);

/** Keys of the root and of a job alike, inherited by jobs as they are (spec 4, step 6). */
export const sharedKeys = {
  language: enumeration(languages, languageAliases, 'drop'),
  dist: enumeration(distributions, {}),
  sudo: oneOf(bool, str),
  group: str,
  stack: any,
  virt: str,
  vm: map({ size: str, create: any, use: any }, { open: any }),
  if: condition,
  conditions: { kind: 'str', values: { known: ['v1', 'v0'], deprecated: ['v0'], unknown: 'drop' } },
  ...commands,
  deploy: custom('deploy'),
  cache: custom('cache'),
  git,
  services: seq(services),
  // Ours: the image that the job runs in, where jobs run in Docker.
  image: str,
  addons,
  branches: map(
    { only: seq(str), except: seq(str) },
    { prefix: 'only', aliases: { exclude: 'except', include: 'only' } },
  ),
  workspaces: map({ create: map({ name: str, paths: seq(str) }), use: seq(str) }),
  filter_secrets: bool,
  // Ours: labels that the runner must have, besides os and arch.
  runner: map({}, { open: str }),
  ...languageOptions,
} satisfies { [key: string]: Schema };

export const sharedAliases = {
  branch: 'branches',
  ruby: 'rvm',
  virtualization: 'virt',
  gemfiles: 'gemfile',
  addon: 'addons',
} as const;

export const sharedDeprecated = ['sudo'] as const;

/** The schema of one value of a matrix key. */
const matrixValues: { [key: string]: Schema } = {
  os: enumeration(systems, systemAliases),
  arch: enumeration(architectures, architectureAliases),
  dart_task: any,
};

export function matrixValue(key: string): Schema {
  return matrixValues[key] ?? str;
}

const singles: { [key: string]: Schema } = {};
for (const key of matrixKeys) singles[key] = matrixValue(key);

const jobKeys = { ...sharedKeys, ...singles, env: custom('jobEnv') } satisfies {
  [key: string]: Schema;
};

/** A `jobs.include` entry: matrix keys take a single value there. */
export const job = map(
  { ...jobKeys, name: str, stage: str, allow_failure: bool },
  {
    aliases: { ...sharedAliases, allow_failures: 'allow_failure' },
    deprecated: sharedDeprecated,
  },
);

/** An `exclude` or `allow_failures` entry. */
export const matcher = map(
  { ...jobKeys, name: str, stage: str, branch: str },
  { aliases: { ...sharedAliases, branch: 'branch' }, deprecated: ['branch'], strict: true },
);
