import { type Static, Type } from 'typebox';
import { Nullable, Time } from './common.ts';

/*
 * The shapes of the Travis API, version 2, as the `travis` command reads them (spec/travis.md 15). Every key is always
 * there: for one that is missing the command asks again, and again. Ids are whole numbers, but for variables.
 */

const Id = Type.Integer();
const Text = Type.String();
const Config = Type.Record(Type.String(), Type.Unknown());

export const TravisRepository = Type.Object({
  id: Id,
  /** `organisation/application`. */
  slug: Text,
  active: Type.Boolean(),
  private: Type.Boolean(),
  /** Whether the reader may change its builds and settings. */
  admin: Type.Boolean(),
  description: Nullable(Text),
  last_build_id: Nullable(Id),
  last_build_number: Nullable(Text),
  last_build_state: Nullable(Text),
  /** Seconds. */
  last_build_duration: Nullable(Type.Integer()),
  last_build_started_at: Nullable(Time),
  last_build_finished_at: Nullable(Time),
  last_build_language: Nullable(Text),
  github_language: Nullable(Text),
});
export type TravisRepository = Static<typeof TravisRepository>;

export const TravisBuild = Type.Object({
  id: Id,
  repository_id: Id,
  commit_id: Id,
  number: Text,
  pull_request: Type.Boolean(),
  pull_request_number: Nullable(Type.Integer()),
  pull_request_title: Nullable(Text),
  /** Encrypted values stand as `[secure]`. */
  config: Config,
  /** created | started | passed | failed | errored | canceled */
  state: Text,
  started_at: Nullable(Time),
  finished_at: Nullable(Time),
  /** Seconds, of all jobs together. */
  duration: Nullable(Type.Integer()),
  job_ids: Type.Array(Id),
});
export type TravisBuild = Static<typeof TravisBuild>;

export const TravisJob = Type.Object({
  id: Id,
  repository_id: Id,
  build_id: Id,
  commit_id: Id,
  log_id: Id,
  /** `3.1` */
  number: Text,
  config: Config,
  state: Text,
  started_at: Nullable(Time),
  finished_at: Nullable(Time),
  queue: Text,
  allow_failure: Type.Boolean(),
  tags: Nullable(Text),
  annotation_ids: Type.Array(Id),
});
export type TravisJob = Static<typeof TravisJob>;

export const TravisCommit = Type.Object({
  id: Id,
  sha: Text,
  branch: Text,
  message: Text,
  committed_at: Nullable(Time),
  author_name: Nullable(Text),
  author_email: Nullable(Text),
  committer_name: Nullable(Text),
  committer_email: Nullable(Text),
  compare_url: Text,
});
export type TravisCommit = Static<typeof TravisCommit>;

export const TravisUser = Type.Object({
  id: Id,
  login: Text,
  name: Text,
  email: Text,
  gravatar_id: Text,
  locale: Text,
  is_syncing: Type.Boolean(),
  synced_at: Time,
  /** Always true, or the command refuses to log in. */
  correct_scopes: Type.Boolean(),
  channels: Type.Array(Text),
});
export type TravisUser = Static<typeof TravisUser>;

export const TravisAccount = Type.Object({
  id: Id,
  name: Text,
  login: Text,
  type: Type.Union([Type.Literal('user'), Type.Literal('organization')]),
  repos_count: Type.Integer(),
  subscribed: Type.Boolean(),
  education: Type.Boolean(),
});
export type TravisAccount = Static<typeof TravisAccount>;

/** Ids of repositories, by what the reader may do with them. */
export const TravisPermissions = Type.Object({
  permissions: Type.Array(Id),
  admin: Type.Array(Id),
  push: Type.Array(Id),
  pull: Type.Array(Id),
});

export const TravisHook = Type.Object({
  id: Id,
  name: Text,
  owner_name: Text,
  description: Nullable(Text),
  active: Type.Boolean(),
  private: Type.Boolean(),
  admin: Type.Boolean(),
});
export type TravisHook = Static<typeof TravisHook>;

export const TravisKey = Type.Object({
  /** PEM. */
  key: Text,
  fingerprint: Text,
});

export const TravisLog = Type.Object({
  id: Id,
  job_id: Id,
  type: Type.Literal('Log'),
  body: Text,
});

export const TravisRequest = Type.Object({
  id: Id,
  commit_id: Nullable(Id),
  repository_id: Id,
  build_id: Nullable(Id),
  created_at: Time,
  owner_id: Nullable(Id),
  owner_type: Text,
  event_type: Text,
  base_commit: Nullable(Text),
  head_commit: Nullable(Text),
  /** accepted | rejected; null: not looked at yet. */
  result: Nullable(Text),
  message: Nullable(Text),
  pull_request: Type.Boolean(),
  pull_request_number: Nullable(Type.Integer()),
  pull_request_title: Nullable(Text),
  branch: Nullable(Text),
  tag: Nullable(Text),
});
export type TravisRequest = Static<typeof TravisRequest>;

export const TravisEnvVar = Type.Object({
  /** A uuid. */
  id: Text,
  name: Text,
  /** Shell text; null for a private one. */
  value: Nullable(Text),
  public: Type.Boolean(),
  /** Null: for every branch. */
  branch: Nullable(Text),
  repository_id: Id,
});
export type TravisEnvVar = Static<typeof TravisEnvVar>;

export const TravisEnvVarChange = Type.Object({
  name: Type.Optional(Text),
  value: Type.Optional(Text),
  public: Type.Optional(Nullable(Type.Union([Type.Boolean(), Text]))),
  branch: Type.Optional(Nullable(Text)),
});
export type TravisEnvVarChange = Static<typeof TravisEnvVarChange>;

export const TravisSettings = Type.Object({
  /** Always true: without a .travis.yml nothing is built. */
  builds_only_with_travis_yml: Type.Boolean(),
  build_pushes: Type.Boolean(),
  build_pull_requests: Type.Boolean(),
  /** Jobs at once; 0: no limit of its own. */
  maximum_number_of_builds: Type.Integer(),
  auto_cancel_pushes: Type.Boolean(),
  auto_cancel_pull_requests: Type.Boolean(),
});
export type TravisSettings = Static<typeof TravisSettings>;

const Flag = Type.Optional(Nullable(Type.Union([Type.Boolean(), Text])));
export const TravisSettingsChange = Type.Object({
  builds_only_with_travis_yml: Flag,
  build_pushes: Flag,
  build_pull_requests: Flag,
  maximum_number_of_builds: Type.Optional(Nullable(Type.Union([Type.Integer(), Text]))),
  auto_cancel_pushes: Flag,
  auto_cancel_pull_requests: Flag,
});
export type TravisSettingsChange = Static<typeof TravisSettingsChange>;

export const TravisCache = Type.Object({
  repository_id: Id,
  /** Bytes. */
  size: Type.Integer(),
  slug: Text,
  branch: Nullable(Text),
  last_modified: Time,
});
export type TravisCache = Static<typeof TravisCache>;

export const TravisLint = Type.Object({
  warnings: Type.Array(Type.Object({ key: Type.Array(Text), message: Text })),
});

/** Version 3 of the Travis API. */
export const TravisKeyPair = Type.Object({
  '@type': Type.Literal('key_pair'),
  '@href': Text,
  '@representation': Type.Literal('standard'),
  description: Text,
  public_key: Text,
  fingerprint: Text,
});
