import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

const Days = Type.Array(Type.Object({ date: Type.String(), value: Nullable(Type.Number()) }));

/**
 * `GET /apps/v3/applications/UUID/insights/?days=30&environment=live`: the four measures of DORA and how the CI service
 * fares. Days are UTC dates, oldest first; a day without a value has null, or 0 where it is a count.
 */
export const Insights = Type.Object({
  days: Type.Integer(),
  environment: Nullable(Type.String()),
  environments: Type.Array(Type.String()),
  deployment_frequency: Type.Object({
    total: Type.Integer(),
    per_day: Type.Number(),
    series: Days,
  }),
  /** Seconds from the commit's time to live; median of a day, and over all. */
  lead_time: Type.Object({
    median: Nullable(Type.Number()),
    p90: Nullable(Type.Number()),
    series: Days,
  }),
  /** Share, 0 to 1, of deployments that went live or failed and were failures or were rolled back. */
  change_failure_rate: Type.Object({
    rate: Nullable(Type.Number()),
    failures: Type.Integer(),
    changes: Type.Integer(),
    series: Days,
  }),
  /** Seconds from a failure (or the deployment that was rolled back) to the next success. */
  time_to_restore: Type.Object({
    median: Nullable(Type.Number()),
    open_since: Nullable(Time),
    series: Days,
  }),
  build_duration: Type.Object({
    median: Nullable(Type.Number()),
    p90: Nullable(Type.Number()),
    series: Days,
  }),
  queue_time: Type.Object({
    median: Nullable(Type.Number()),
    p90: Nullable(Type.Number()),
    series: Days,
  }),
  builds: Type.Array(
    Type.Object({
      id: Type.Integer(),
      number: Type.Integer(),
      state: Type.String(),
      at: Time,
      seconds: Nullable(Type.Number()),
      queued_seconds: Nullable(Type.Number()),
    }),
  ),
  /** Jobs that both failed and passed on one commit, most often first. */
  flaky_jobs: Type.Array(
    Type.Object({
      name: Type.String(),
      flips: Type.Integer(),
      runs: Type.Integer(),
      last_at: Time,
      job: Type.Integer(),
    }),
  ),
});
export type Insights = Static<typeof Insights>;

/** `GET /system/v3/health/`, for administrators of the installation. */
export const SystemHealth = Type.Object({
  /** ok | degraded | failing: the worst of the parts. */
  status: Type.String(),
  version: Type.String(),
  node: Type.String(),
  started_at: Time,
  parts: Type.Array(
    Type.Object({
      name: Type.String(),
      status: Type.String(),
      detail: Type.String(),
      advice: Nullable(Type.String()),
    }),
  ),
  queue: Type.Object({
    queued: Type.Integer(),
    running: Type.Integer(),
    oldest_queued_at: Nullable(Time),
  }),
  deployments: Type.Object({ waiting: Type.Integer(), running: Type.Integer() }),
  messages: Type.Array(Type.Object({ consumer: Type.String(), waiting: Type.Integer() })),
  memory_bytes: Type.Integer(),
  database_bytes: Type.Integer(),
  logs_bytes: Type.Integer(),
  disk: Type.Object({ free_bytes: Type.Integer(), total_bytes: Type.Integer() }),
  executors: Type.Array(
    Type.Object({
      name: Type.String(),
      slots: Type.Integer(),
      busy: Type.Integer(),
      sandbox: Type.String(),
    }),
  ),
  uuid: Uuid,
});
export type SystemHealth = Static<typeof SystemHealth>;
