import { type Static, Type } from 'typebox';
import { Nullable, Time } from './common.ts';

const Days = Type.Array(Type.Object({ date: Type.String(), value: Nullable(Type.Number()) }));

const Spread = {
  median: Nullable(Type.Number()),
  /** Nine of ten are no longer. */
  p90: Nullable(Type.Number()),
  count: Type.Integer(),
  series: Days,
};

/**
 * `GET /apps/v3/applications/UUID/insights/?days=30&environment=live`: the four measures of DORA and how the CI service
 * fares. Days are UTC dates, oldest first; a day without a value has null, or 0 where it is a count. Times are in
 * seconds. What exactly is counted stands in docs/explanation/insights.md.
 */
export const Insights = Type.Object({
  days: Type.Integer(),
  /** First and last date; the last is today. */
  from: Type.String(),
  to: Type.String(),
  /** The one that the four measures are about; null where the application has none. */
  environment: Nullable(Type.String()),
  environments: Type.Array(Type.String()),
  /** Deployments that changed what is live, rollbacks apart. */
  deployment_frequency: Type.Object({
    total: Type.Integer(),
    per_day: Type.Number(),
    series: Days,
  }),
  /** From the commit's time to live, for each commit; the median of a day, and over all. */
  lead_time: Type.Object(Spread),
  /** Share, 0 to 1, of deployments that went live or failed and were failures or were rolled back. */
  change_failure_rate: Type.Object({
    rate: Nullable(Type.Number()),
    failures: Type.Integer(),
    changes: Type.Integer(),
    series: Days,
  }),
  /** From a failure (or the deployment that was rolled back) to the next success, by the day of that. */
  time_to_restore: Type.Object({ ...Spread, open_since: Nullable(Time) }),
  build_duration: Type.Object(Spread),
  /** How long jobs waited for a free slot. */
  queue_time: Type.Object(Spread),
  /** The same figures of as many days right before. */
  previous: Type.Object({
    deployments: Type.Integer(),
    lead_time: Nullable(Type.Number()),
    change_failure_rate: Nullable(Type.Number()),
    time_to_restore: Nullable(Type.Number()),
    build_duration: Nullable(Type.Number()),
    queue_time: Nullable(Type.Number()),
  }),
  /** The newest that ended, oldest first. */
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
      /** Changes between passed and not passed from one run to the next of the same commit. */
      flips: Type.Integer(),
      runs: Type.Integer(),
      last_at: Time,
      /** The run that changed last. */
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
  /** Caddy in front; null where nothing there is kept by Sluice (setting `edge`). */
  edge: Nullable(
    Type.Object({
      /** Whether Caddy is known to run with the configuration that it should have. */
      in_step: Type.Boolean(),
      since: Time,
      /** Why it is not, with what to do. */
      problem: Nullable(Type.String()),
      /** Host names of the installation itself. */
      names: Type.Array(Type.String()),
      /** The users' own names; the one whose certificate ends first is first. Null: not checked yet. */
      domains: Type.Array(
        Type.Object({
          name: Type.String(),
          application: Type.String(),
          environment: Type.String(),
          /** here | elsewhere | nowhere | unknown */
          points: Nullable(Type.String()),
          /** issued | pending */
          certificate: Nullable(Type.String()),
          issuer: Nullable(Type.String()),
          expires_at: Nullable(Time),
          detail: Nullable(Type.String()),
          checked_at: Nullable(Time),
        }),
      ),
    }),
  ),
  executors: Type.Array(
    Type.Object({
      name: Type.String(),
      slots: Type.Integer(),
      busy: Type.Integer(),
      sandbox: Type.String(),
    }),
  ),
});
export type SystemHealth = Static<typeof SystemHealth>;
