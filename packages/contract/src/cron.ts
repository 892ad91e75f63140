import { type Static, Type } from 'typebox';
import { Nullable, Time, Uuid } from './common.ts';

/** One run of a cron job; its output is in the application's log, service `cronjob`. */
export const CronRun = Type.Object({
  uuid: Uuid,
  cron_job: Uuid,
  environment: Uuid,
  release: Type.String(),
  command: Type.String(),
  /** When it was to begin. */
  due_at: Time,
  started_at: Time,
  ended_at: Nullable(Time),
  /** done | failed | skipped (the run before had not ended); null while it runs. */
  outcome: Nullable(Type.String()),
  detail: Nullable(Type.String()),
  /** Null: the schedule. */
  requested_by: Nullable(Type.String()),
});
export type CronRun = Static<typeof CronRun>;

/** A command with a schedule: `/apps/v3/cronjobs/`. It takes effect with the next deployment. */
export const CronJob = Type.Object({
  uuid: Uuid,
  environment: Uuid,
  command: Type.String(),
  /** Minute, hour, day of month, month, day of week, in UTC. */
  schedule: Type.String(),
  created_at: Time,
  /** Null until a deployment has taken it up. */
  next_run_at: Nullable(Time),
  last_run: Nullable(CronRun),
});
export type CronJob = Static<typeof CronJob>;

export const CronJobCreate = Type.Object({
  environment: Uuid,
  command: Type.String({ minLength: 1, maxLength: 4_000 }),
  schedule: Type.String({ maxLength: 100 }),
});
export type CronJobCreate = Static<typeof CronJobCreate>;

export const CronRuns = Type.Object({ runs: Type.Array(CronRun) });
