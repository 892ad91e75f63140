/** A command with a schedule, as it is now. What runs is what the live release has of it (`releases.cron_jobs`). */
export interface CronJobRow {
  uuid: string;
  environment_uuid: string;
  command: string;
  /** Five fields, as crontab(5); UTC. */
  schedule: string;
  created_at: string;
}

export interface CronRunRow {
  uuid: string;
  cron_job_uuid: string;
  environment_uuid: string;
  release_uuid: string;
  command: string;
  /** When it was to begin; with the job unique, so that it runs once over all servers. */
  due_at: string;
  /** Who asked for it; null: the schedule. */
  requested_by: string | null;
  started_at: string;
  ended_at: string | null;
  /** `skipped`: the run before it had not ended. */
  outcome: 'done' | 'failed' | 'skipped' | null;
  detail: string | null;
}

export interface CronTables {
  cron_jobs: CronJobRow;
  cron_runs: CronRunRow;
}
