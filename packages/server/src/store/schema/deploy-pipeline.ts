import type { Generated } from 'kysely';

/**
 * One built (or building) commit of an application. A `ready` image may serve any environment; its
 * `digest` is checked before each start, so that what was tested is what runs.
 */
export interface ImageRow {
  uuid: string;
  application_uuid: string;
  sha: string;
  /** What besides the commit decides the result: runtime, recipe version, architecture. */
  inputs: string;
  state: 'building' | 'ready' | 'failed' | 'removed';
  /** The deployment that builds or built it. */
  deployment_uuid: string;
  digest: string | null;
  /** JSON, the runtime's own description of how to run it. */
  plan: string | null;
  reason: string | null;
  created_at: string;
  finished_at: string | null;
}

/** Code + configuration + secret versions, one for each deployment that got as far as having them. */
export interface ReleaseRow {
  uuid: string;
  application_uuid: string;
  environment_uuid: string;
  deployment_uuid: string;
  sha: string;
  image_uuid: string | null;
  config_version: number;
  /** Sealed JSON `[{name, value, isSensitive}]`: the user's variables as they were at the start. */
  variables_sealed: string;
  /** JSON `[{label, command}]`. */
  release_commands: string;
  /** JSON `[{uuid, command, schedule}]`; null: of a version that knew none. */
  cron_jobs: string | null;
  branch: string;
  created_at: string;
  /** The last time it became live; null: never. */
  live_at: string | null;
  /** Its image is gone: it cannot be rolled back to any more. */
  removed_at: string | null;
}

/** One application process (set) that the runtime was told to start. */
export interface InstanceRow {
  uuid: string;
  environment_uuid: string;
  release_uuid: string;
  /** The deployment that started it. A rollback starts an old release's instances anew. */
  deployment_uuid: string;
  /** Process type: `web`, `worker`, ... */
  service: string;
  host: string;
  port: number | null;
  state: 'starting' | 'serving' | 'retiring' | 'stopped';
  created_at: string;
  stopped_at: string | null;
}

/** Written before and after each step (spec/ordering.md 6). */
export interface DeploymentStepRow {
  id: Generated<number>;
  deployment_uuid: string;
  step: string;
  started_at: string;
  ended_at: string | null;
  outcome: 'done' | 'failed' | 'cancelled' | 'interrupted' | null;
  detail: string | null;
}

export interface DeployPipelineTables {
  images: ImageRow;
  releases: ReleaseRow;
  instances: InstanceRow;
  deployment_steps: DeploymentStepRow;
}
