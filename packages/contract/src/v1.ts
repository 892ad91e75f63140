import { type Static, Type } from 'typebox';
import { Nullable, Uuid } from './common.ts';

/** The v1 API: the one curl line, and divio-cli 2.x and 3.x (spec/divio.md 5). */
export const V1DeployRequest = Type.Object({
  stage: Type.Optional(Nullable(Type.String())),
  commit: Type.Optional(Nullable(Type.String())),
  build_mode: Type.Optional(Nullable(Type.String())),
  wait: Type.Optional(Nullable(Type.Number())),
});

export const V1DeployAnswer = Type.Object({
  deployment: Uuid,
  stage: Type.String(),
  status: Type.String(),
  success: Nullable(Type.Boolean()),
  commit: Nullable(Type.String()),
  url: Type.String(),
  superseded_by: Nullable(Uuid),
  reason: Nullable(Type.String()),
});
export type V1DeployAnswer = Static<typeof V1DeployAnswer>;

export const V1DeployProgress = Type.Object({
  main_percent: Type.Integer(),
  extra_percent: Type.Integer(),
  verbose_state: Type.String(),
  heartbeat_ago_formatted: Type.String(),
});

export const V1EnvironmentStatus = Type.Object({
  is_deploying: Type.Boolean(),
  deploy_progress: Type.Union([V1DeployProgress, Type.Object({})]),
  last_deployment: Type.Object({
    status: Nullable(Type.Union([Type.Literal('success'), Type.Literal('failure')])),
  }),
});

/** Keyed by environment slug. */
export const V1DeployStatus = Type.Record(Type.String(), V1EnvironmentStatus);
export type V1DeployStatus = Static<typeof V1DeployStatus>;

export const V1LoginRequest = Type.Object({ token: Type.Optional(Type.String()) });
export const V1Login = Type.Object({
  first_name: Type.String(),
  last_name: Type.String(),
  email: Type.String(),
});

/** Which data `divio app pull` and `push` of 3.x mean. */
export const V1DataRequest = Type.Object({
  stage: Type.Optional(Nullable(Type.String())),
  /** Of the service; absent: DEFAULT. */
  prefix: Type.Optional(Nullable(Type.String())),
});

export const V1DataAccepted = Type.Object({ progress_url: Type.String() });

export const V1DataProgress = Type.Object({
  /** Null until it ended. */
  success: Nullable(Type.Boolean()),
  /** Where the data are, for a download that succeeded; the reason, for what failed. */
  result: Nullable(Type.String()),
});
export type V1DataProgress = Static<typeof V1DataProgress>;
