import type { Generated } from 'kysely';

/** One attempt to make a commit live (spec/ordering.md 1). Never deleted while its environment is there. */
export interface DeploymentRow {
  uuid: string;
  environment_uuid: string;
  application_uuid: string;
  repository_uuid: string;
  /** Acceptance number, strictly rising within the environment (3.4). */
  number: number;
  /** The environment's branch when it was accepted. */
  branch: string;
  /** As the signal named it; null: the branch. */
  target: string | null;
  sha: string | null;
  build_mode: 'AUTO' | 'ADOPT' | 'FORCE';
  config_version: number;
  via: string;
  requested_by_uuid: string;
  requested_by: string;
  /** 0 or 1, as all the flags below. */
  head_signal: number;
  allow_off_branch: number;
  override_hold: number;
  explicit: number;
  rollback_release_uuid: string | null;
  status: string;
  percent: number;
  /** When the signal reached the server; fetches that count for it began later (2.1). */
  accepted_at: string;
  /** On the wire: the acceptance, strictly rising within the environment. */
  started_at: string;
  queued_at: string | null;
  running_at: string | null;
  /** Null exactly while `success` is null. */
  ended_at: string | null;
  success: number | null;
  present_since: string | null;
  seen_on_branch: number;
  off_branch_since: string | null;
  fetch_attempts: number;
  next_fetch_at: string | null;
  /** Acceptance number of the one that took its place. */
  superseded_by: number | null;
  cancel_requested_by: string | null;
  switched: number;
  release_uuid: string | null;
  /** The environment's fence when it started: who holds a lower one has lost the right to run it. */
  fence: number;
  rule: string;
  reason_code: string | null;
  reason: string | null;
  /** Sealed JSON `[{name, value, isSensitive}]` as they were when it started. */
  variables_sealed: string | null;
}

/** One call that asked for a deployment. */
export interface SignalRow {
  uuid: string;
  environment_uuid: string;
  deployment_uuid: string;
  target: string | null;
  build_mode: string;
  via: string;
  user_uuid: string;
  user_email: string;
  idempotency_key: string | null;
  /** 1: it joined a deployment that was there. */
  joined: number;
  arrived_at: string;
}

/** Every decision, with the name of the rule that made it. */
export interface DeploymentEventRow {
  id: Generated<number>;
  environment_uuid: string;
  deployment_uuid: string;
  sha: string | null;
  at: string;
  from_status: string | null;
  to_status: string;
  rule: string;
  superseded_by: number | null;
  reason: string | null;
}

export interface EnvironmentStateRow {
  environment_uuid: string;
  /** Rises with every transition; a decision made on an older one is made again. */
  order_version: number;
  next_number: number;
  live_deployment_uuid: string | null;
  live_release_uuid: string | null;
  live_number: number | null;
  live_sha: string | null;
  live_config_version: number | null;
  /** JSON: what is live again when the running one fails after its switch. */
  previous_live: string | null;
  hold_since: string | null;
  hold_by: string | null;
  hold_reason: string | null;
  /** JSON: commits that were asked for while on hold (4.2). */
  remembered: string;
  candidate_number: number | null;
  candidate_deployment_uuid: string | null;
  /** 0 or 1: its instances were stopped by a person. */
  stopped: number;
  /** Strictly rising: one for each time a server takes a deployment to run. */
  fence: number;
  /** When time alone changes something next. */
  wake_at: string | null;
}

export interface DeployTables {
  deployments: DeploymentRow;
  signals: SignalRow;
  deployment_events: DeploymentEventRow;
  environment_state: EnvironmentStateRow;
}
