import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

/** `NAME=value` of a runner; a name without a value has the value `true`. */
export const RunnerLabels = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$' }),
  Type.String({ maxLength: 100, pattern: '^[A-Za-z0-9_.:/+-]*$' }),
);
export type RunnerLabels = Static<typeof RunnerLabels>;

export const RunnerName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
});

/** `GET /ci/v3/runners/` */
export const RunnerView = Type.Object({
  /** `embedded` for the runner inside the server. */
  uuid: Uuid,
  name: Type.String(),
  /** online | offline | paused | draining */
  state: Type.String(),
  /** True for the runner inside the server, which its settings rule. */
  embedded: Type.Boolean(),
  os: Type.String(),
  arch: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  version: Type.String(),
  /** host | docker */
  executor: Type.String(),
  /** Whether it keeps jobs from the rest of its machine; only then it gets those that are not trusted. */
  isolates: Type.Boolean(),
  /** Jobs that it takes at once. */
  slots: Type.Integer(),
  ephemeral: Type.Boolean(),
  /** Only jobs of this organisation; null: of all. */
  organisation: Nullable(Uuid),
  jobs: Type.Array(Type.Object({ id: Type.Integer(), number: Type.String() })),
  jobs_taken: Type.Integer(),
  created_at: Nullable(Time),
  created_by: Nullable(Type.String()),
  last_seen_at: Nullable(Time),
  paused_by: Nullable(Type.String()),
});
export type RunnerView = Static<typeof RunnerView>;

export const RunnerTokenView = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  /** The token's last four characters. */
  hint: Type.String(),
  organisation: Nullable(Uuid),
  reusable: Type.Boolean(),
  uses: Type.Integer(),
  created_at: Time,
  created_by: Type.String(),
  expires_at: Time,
  /** usable | used | expired | revoked */
  state: Type.String(),
});
export type RunnerTokenView = Static<typeof RunnerTokenView>;

export const RunnerTokenCreate = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 100 })),
    /** Uuid; its runners serve only that organisation. Default: all. */
    organisation: Type.Optional(Nullable(Uuid)),
    /** Good for any number of runners until it ends. Default false: for one. */
    reusable: Type.Optional(Type.Boolean()),
    /** Default 24; at most a year. */
    expires_in_hours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 8_784 })),
  },
  { additionalProperties: false },
);
export type RunnerTokenCreate = Static<typeof RunnerTokenCreate>;

export const RunnerTokenCreated = Type.Intersect([
  RunnerTokenView,
  /** Shown this once. */
  Type.Object({ token: Type.String() }),
]);
export type RunnerTokenCreated = Static<typeof RunnerTokenCreated>;
