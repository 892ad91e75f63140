import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';
import { CommitLine } from './overview.ts';

export const ReleaseCommand = Type.Object({ label: Type.String(), command: Type.String() });
export type ReleaseCommand = Static<typeof ReleaseCommand>;

export const Application = Type.Object({
  uuid: Uuid,
  /** The website id: a positive integer, never reused. */
  id: Type.Integer(),
  slug: Type.String(),
  name: Type.String(),
  organisation: Uuid,
  /** Null where Sluice hosts the repository itself, as the Divio API says it. */
  repository: Nullable(Uuid),
  plan_group: Nullable(Uuid),
  region: Nullable(Uuid),
  app_template: Nullable(Uuid),
  release_commands: Type.Array(ReleaseCommand),
  created_at: Time,
  /** Set while a removed application can still be restored. */
  deleted_at: Nullable(Time),
  git_url: Type.String(),
  /** The repository as the CI endpoints know it. */
  repository_uuid: Uuid,
  website_url: Type.String(),
});
export type Application = Static<typeof Application>;

/** One application also answers `<env>_status` for each environment, which the divio client reads. */
export const ApplicationDetail = Type.Intersect([
  Application,
  Type.Record(Type.String(), Type.Unknown()),
]);

/** Everything is optional here: validating one field alone is part of the API (spec/divio.md 4.5). */
export const ApplicationCreate = Type.Object({
  name: Type.Optional(Nullable(Type.String())),
  slug: Type.Optional(Nullable(Type.String())),
  organisation: Type.Optional(Nullable(Type.String())),
  plan_group: Type.Optional(Nullable(Type.String())),
  region: Type.Optional(Nullable(Type.String())),
  app_template: Type.Optional(Nullable(Type.String())),
  release_commands: Type.Optional(Nullable(Type.Array(ReleaseCommand))),
  repository: Type.Optional(Nullable(Type.String())),
  branch: Type.Optional(Nullable(Type.String())),
});
export type ApplicationCreate = Static<typeof ApplicationCreate>;

export const ApplicationPatch = Type.Object({
  name: Type.Optional(Type.String()),
  slug: Type.Optional(Type.String()),
  release_commands: Type.Optional(Nullable(Type.Array(ReleaseCommand))),
});
export type ApplicationPatch = Static<typeof ApplicationPatch>;

export const DeploymentReference = Nullable(Type.Object({ uuid: Uuid }));

export const Hold = Type.Object({
  since: Time,
  by: Nullable(Type.String()),
  reason: Nullable(Type.String()),
});

/** One limit of an environment. */
export const Limit = Type.Object({
  /** The environment's own; null: it has the default. 0: none. */
  own: Nullable(Type.Integer()),
  /** What holds from the next deployment or restart on; null: none. */
  value: Nullable(Type.Integer()),
  /** The administrator's; null: none. */
  default: Nullable(Type.Integer()),
  /** The most that the administrator allows; null: as much as there is. */
  max: Nullable(Type.Integer()),
});
export type Limit = Static<typeof Limit>;

/** Of each instance, release command, cron job and shell. */
export const EnvironmentLimits = Type.Object({
  /** Thousandths of a processor. */
  milli_cpus: Limit,
  memory_bytes: Limit,
  /** Processes and threads. */
  processes: Limit,
});
export type EnvironmentLimits = Static<typeof EnvironmentLimits>;

const LimitWish = Type.Optional(Nullable(Type.Integer({ minimum: 0 })));
/** Null: the default. 0: none. Absent: as it is. */
export const EnvironmentLimitsPatch = Type.Object({
  milli_cpus: LimitWish,
  memory_bytes: LimitWish,
  processes: LimitWish,
});
export type EnvironmentLimitsPatch = Static<typeof EnvironmentLimitsPatch>;

export const Environment = Type.Object({
  uuid: Uuid,
  slug: Type.String(),
  application: Uuid,
  branch: Type.String(),
  url: Type.String(),
  auto_deploy: Type.Boolean(),
  require_build: Type.Union([Type.Literal('auto'), Type.Literal('on'), Type.Literal('off')]),
  /** How many take requests; of other services there is one each. */
  instances: Type.Integer(),
  /** Null where the runtime has no limits. */
  limits: Nullable(EnvironmentLimits),
  last_deployment: DeploymentReference,
  last_finished_deployment: DeploymentReference,
  live_deployment: DeploymentReference,
  live_commit: Nullable(Type.String()),
  hold: Nullable(Hold),
  ssh_endpoint: Type.Null(),
  created_at: Time,
});
export type Environment = Static<typeof Environment>;

export const EnvironmentCreate = Type.Object({
  application: Uuid,
  slug: Type.String(),
  branch: Type.Optional(Nullable(Type.String())),
});

export const EnvironmentPatch = Type.Object({
  branch: Type.Optional(Type.String()),
  auto_deploy: Type.Optional(Type.Boolean()),
  require_build: Type.Optional(Type.String()),
  /** From the next deployment or restart on. */
  instances: Type.Optional(Type.Integer({ minimum: 1, maximum: 32 })),
  limits: Type.Optional(EnvironmentLimitsPatch),
});
export type EnvironmentPatch = Static<typeof EnvironmentPatch>;

export const EnvironmentVariable = Type.Object({
  uuid: Uuid,
  environment: Uuid,
  name: Type.String(),
  /** Null in every answer when it is sensitive. */
  value: Nullable(Type.String()),
  is_sensitive: Type.Boolean(),
});
export type EnvironmentVariable = Static<typeof EnvironmentVariable>;

export const EnvironmentVariableCreate = Type.Object({
  environment: Uuid,
  name: Type.String(),
  value: Type.String(),
  is_sensitive: Type.Optional(Type.Boolean()),
});
export type EnvironmentVariableCreate = Static<typeof EnvironmentVariableCreate>;

export const EnvironmentVariablePatch = Type.Object({
  value: Type.Optional(Type.String()),
  is_sensitive: Type.Optional(Type.Boolean()),
});

export const Deployment = Type.Object({
  uuid: Uuid,
  application: Uuid,
  environment: Uuid,
  /** Upper case; spec/ordering.md 2.5. */
  status: Type.String(),
  /** 0 to 100, never null, never falls. */
  percent: Type.Number(),
  /** Null exactly while `ended_at` is null. */
  success: Nullable(Type.Boolean()),
  /** Time of acceptance, strictly rising within an environment. */
  started_at: Time,
  queued_at: Nullable(Time),
  running_at: Nullable(Time),
  ended_at: Nullable(Time),
  build_mode: Type.String(),
  /** What the signal named, and the commit it became. */
  target: Nullable(Type.String()),
  commit: Nullable(Type.String()),
  branch: Nullable(Type.String()),
  requested_by: Nullable(Type.String()),
  superseded_by: Nullable(Uuid),
  reason_code: Nullable(Type.String()),
  reason: Nullable(Type.String()),
  rule: Nullable(Type.String()),
  image_adopted_from: Nullable(Type.String()),
  release: Nullable(Uuid),
  /** The environment's address. */
  url: Type.String(),
  log_url: Type.String(),
  /** Names only; the values are at `environment-variables`. Empty in lists. */
  environment_variables: Type.Array(Type.String()),
});
export type Deployment = Static<typeof Deployment>;

export const DeploymentCreate = Type.Object({
  environment: Uuid,
  build_mode: Type.Optional(Nullable(Type.String())),
  /** Full SHA, prefix of 7 or more, tag or branch; absent: the head of the environment's branch. */
  commit: Type.Optional(Nullable(Type.String())),
  /** Answer when the deployment has ended, or after so many seconds, at most 60. */
  wait: Type.Optional(Nullable(Type.Number())),
  allow_off_branch: Type.Optional(Type.Boolean()),
  override_hold: Type.Optional(Type.Boolean()),
});
export type DeploymentCreate = Static<typeof DeploymentCreate>;

export const DeploymentLogs = Type.Object({ uuid: Uuid, logs: Type.String() });
export type DeploymentLogs = Static<typeof DeploymentLogs>;

export const DeploymentVariables = Type.Object({
  environment: Uuid,
  /** Name to value; null for sensitive ones. */
  environment_variables: Type.Record(Type.String(), Nullable(Type.String())),
});
export type DeploymentVariables = Static<typeof DeploymentVariables>;

export const RollbackRequest = Type.Object({
  release: Type.Optional(Nullable(Uuid)),
  deployment: Type.Optional(Nullable(Uuid)),
  reason: Type.Optional(Nullable(Type.String())),
});
export type RollbackRequest = Static<typeof RollbackRequest>;

/** `deployment` is null when resuming only lifted the hold. */
export const ResumeAnswer = Type.Object({ deployment: Nullable(Deployment) });
export type ResumeAnswer = Static<typeof ResumeAnswer>;

export const Release = Type.Object({
  uuid: Uuid,
  environment: Uuid,
  deployment: Nullable(Uuid),
  commit: Type.String(),
  created_at: Time,
  is_live: Type.Boolean(),
});
export type Release = Static<typeof Release>;

export const AppLogEntry = Type.Object({
  timestamp: Time,
  service: Type.String(),
  message: Type.String(),
});

/** `next` is always a URL, which goes on after the last entry (spec/divio.md 4.3). */
export const AppLogs = Type.Object({ results: Type.Array(AppLogEntry), next: Type.String() });
export type AppLogs = Static<typeof AppLogs>;

export const WhyEnvironment = Type.Object({
  slug: Type.String(),
  /** One of the states in the documentation of `sluice why`. */
  state: Type.String(),
  reason: Nullable(Type.String()),
  rule: Nullable(Type.String()),
  deployment: Nullable(Uuid),
  superseded_by: Nullable(Uuid),
});

/** One decision about a deployment of the commit. */
export const WhyEvent = Type.Object({
  at: Time,
  /** Its slug; empty when it was removed. */
  environment: Type.String(),
  deployment: Uuid,
  from: Nullable(Type.String()),
  to: Type.String(),
  rule: Type.String(),
  superseded_by: Nullable(Uuid),
  reason: Nullable(Type.String()),
});

/** Something that happened to the commit besides decisions. */
export const WhyMilestone = Type.Object({
  /** pushed | build_began | build_ended | asked */
  kind: Type.String(),
  at: Time,
  by: Nullable(Type.String()),
  /** The branch or tag, the number or state of the build, how it was asked for. */
  detail: Type.String(),
  /** Slug, of `asked` alone. */
  environment: Nullable(Type.String()),
  deployment: Nullable(Uuid),
});

export const Why = Type.Object({
  commit: Type.String(),
  /** What the commit says of itself; null where it is not here. */
  info: Nullable(CommitLine),
  build: Nullable(
    Type.Object({
      state: Nullable(Type.String()),
      url: Nullable(Type.String()),
      /** Null for a commit that was refused, and so was not built. */
      id: Nullable(Type.Integer()),
      number: Nullable(Type.Integer()),
    }),
  ),
  environments: Type.Array(WhyEnvironment),
  /** Oldest first, as the events, which are the decisions. */
  milestones: Type.Array(WhyMilestone),
  events: Type.Array(WhyEvent),
});
export type Why = Static<typeof Why>;

/** What a person needs to point a CI service at an application. */
export const Connect = Type.Object({
  website_id: Type.Integer(),
  git_url: Type.String(),
  deploy_command: Type.String(),
  curl: Type.String(),
  encrypt_command: Type.String(),
  travis_yml: Type.String(),
  ci: Type.Object({ active: Type.Boolean(), switch_command: Type.String() }),
});
export type Connect = Static<typeof Connect>;
