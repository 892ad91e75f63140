import { type Static, Type } from 'typebox';
import { LogChunk, LogQuery, Nullable, Time, Uuid } from './common.ts';

/** A repository as the CI service sees it. `active` is the switch that turns CI on. */
export const CiRepository = Type.Object({
  /** The number that Travis clients know it by. */
  id: Type.Integer(),
  uuid: Uuid,
  /** `organisation/application`. */
  slug: Type.String(),
  active: Type.Boolean(),
  private: Type.Boolean(),
  default_branch: Nullable(Type.String()),
  /** A job fails when its exact language version is missing; null: as the installation's setting says. */
  strict_toolchains: Nullable(Type.Boolean()),
  /** Jobs that may run at once; null: as the installation's setting says. */
  maximum_number_of_builds: Nullable(Type.Integer()),
});
export type CiRepository = Static<typeof CiRepository>;

export const CiRepositoryPatch = Type.Object({
  active: Type.Optional(Type.Union([Type.Boolean(), Type.String()])),
  strict_toolchains: Type.Optional(Nullable(Type.Union([Type.Boolean(), Type.String()]))),
  maximum_number_of_builds: Type.Optional(Nullable(Type.Union([Type.Integer(), Type.String()]))),
});
export type CiRepositoryPatch = Static<typeof CiRepositoryPatch>;

export const CiRepositoryKey = Type.Object({
  pem: Type.String(),
  /** Colon separated MD5 of the DER form, as Travis shows it. */
  fingerprint: Type.String(),
});
export type CiRepositoryKey = Static<typeof CiRepositoryKey>;

/** Of the installation: it signs what webhooks send (header `Sluice-Signature`, RSA with SHA-256). */
export const CiWebhookKey = Type.Object({ pem: Type.String() });
export type CiWebhookKey = Static<typeof CiWebhookKey>;

/** A remark about the configuration; none of them fails a build (spec/travis.md 1.4). */
export const ConfigMessage = Type.Object({
  level: Type.String(),
  /** Dotted path, `root` for the file as a whole. */
  key: Type.String(),
  code: Type.String(),
  args: Type.Record(Type.String(), Type.Unknown()),
  line: Type.Integer(),
  column: Type.Integer(),
  /** The imported file it is about; absent for .travis.yml itself. */
  source: Type.Optional(Type.String()),
  /** The sentence for people. */
  text: Type.String(),
});
export type ConfigMessage = Static<typeof ConfigMessage>;

const jobFields = {
  id: Type.Integer(),
  build: Type.Integer(),
  repository: Uuid,
  /** `<build>.<n>`. */
  number: Type.String(),
  name: Nullable(Type.String()),
  stage: Nullable(Type.String()),
  allow_failure: Type.Boolean(),
  /** created | queued | started | passed | failed | errored | canceled */
  state: Type.String(),
  /** Known before the job has ended: passed | failed | errored. */
  verdict: Nullable(Type.String()),
  attempt: Type.Integer(),
  /** Why it did not pass, where the log does not say it. */
  reason: Nullable(Type.String()),
  exit_code: Nullable(Type.Integer()),
  notices: Type.Array(Type.String()),
  /** Of a queued job that no runner can take now: what it waits for, such as `a runner with arch=arm64`. */
  waiting_for: Nullable(Type.String()),
  url: Type.String(),
  queued_at: Nullable(Time),
  started_at: Nullable(Time),
  finished_at: Nullable(Time),
};

export const Job = Type.Object({
  ...jobFields,
  /** Encrypted values stand as `[secure]`. */
  config: Type.Record(Type.String(), Type.Unknown()),
});
export type Job = Static<typeof Job>;

export const BuildStage = Type.Object({
  /** Null where the build has no named stages. */
  name: Nullable(Type.String()),
  state: Type.String(),
  /** Ids of its jobs, in order. */
  jobs: Type.Array(Type.Integer()),
});

const buildFields = {
  id: Type.Integer(),
  number: Type.Integer(),
  repository: Uuid,
  /** push | pull_request | api | cron */
  event: Type.String(),
  branch: Type.String(),
  tag: Nullable(Type.String()),
  sha: Type.String(),
  message: Type.String(),
  author: Nullable(Type.String()),
  /** created | started | passed | failed | errored | canceled */
  state: Type.String(),
  /** Known before the build has ended: passed | failed | errored | canceled. */
  verdict: Nullable(Type.String()),
  /** Why no job runs. */
  error: Nullable(Type.String()),
  url: Type.String(),
  canceled_by: Nullable(Type.String()),
  restarted_by: Nullable(Type.String()),
  created_at: Time,
  started_at: Nullable(Time),
  finished_at: Nullable(Time),
};

export const Build = Type.Object(buildFields);
export type Build = Static<typeof Build>;

/** What a build's commit came to, for the mark beside the build (spec/ordering.md 2.3). */
export const BuildDeployment = Type.Object({
  uuid: Uuid,
  environment: Type.String(),
  status: Type.String(),
  success: Nullable(Type.Boolean()),
  reason: Nullable(Type.String()),
});

export const BuildDetail = Type.Object({
  ...buildFields,
  config: Type.Record(Type.String(), Type.Unknown()),
  messages: Type.Array(ConfigMessage),
  notices: Type.Array(Type.String()),
  stages: Type.Array(BuildStage),
  jobs: Type.Array(Job),
  deployments: Type.Array(BuildDeployment),
});
export type BuildDetail = Static<typeof BuildDetail>;

/** `GET /ci/v3/builds/ID/source/`: `.travis.yml` and what it imports from its own repository, at the build's commit. */
export const BuildSource = Type.Object({
  files: Type.Array(
    Type.Object({
      /** As `source` of a message names it; `.travis.yml` where a message names none. */
      name: Type.String(),
      text: Type.String(),
    }),
  ),
});
export type BuildSource = Static<typeof BuildSource>;

export const JobLogQuery = Type.Intersect([
  LogQuery,
  /** Default: the newest attempt. */
  Type.Object({ attempt: Type.Optional(Type.Integer({ minimum: 1 })) }),
]);
export type JobLogQuery = Static<typeof JobLogQuery>;

export const JobLogChunk = Type.Intersect([LogChunk, Type.Object({ attempt: Type.Integer() })]);
export type JobLogChunk = Static<typeof JobLogChunk>;

/** A file that a job has left (`addons.artifacts`). */
export const Artifact = Type.Object({
  id: Type.Integer(),
  job: Type.Integer(),
  attempt: Type.Integer(),
  /** Relative, with slashes, without `..`. */
  path: Type.String(),
  size_bytes: Type.Integer(),
  /** In hex. */
  sha256: Type.String(),
  /** Text or a picture, which a browser may show (`?view=1`); the rest can only be saved. */
  viewable: Type.Boolean(),
  created_at: Time,
  /** It is removed then, or earlier when there are too many. */
  expires_at: Time,
});
export type Artifact = Static<typeof Artifact>;

/** `GET /ci/v3/jobs/ID/artifacts/`: of one attempt, default the newest, by path. */
export const ArtifactList = Type.Object({ attempt: Type.Integer(), results: Type.Array(Artifact) });
export type ArtifactList = Static<typeof ArtifactList>;
