import type { DeploymentRow, EnvironmentStateRow } from '../../store/schema/deploy.ts';
import type {
  Deployment,
  EnvironmentState,
  Live,
  Remembered,
  RuleName,
  Status,
} from '../ordering/types.ts';
import type { BuildMode } from '../pipeline-types.ts';

/** Between the tables of `store/schema/deploy.ts` and the values that the ordering decides on. */

export const toIso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : toIso(ms));
const msOrNull = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));
const bit = (value: boolean): number => (value ? 1 : 0);

export function toDeployment(row: DeploymentRow): Deployment {
  return {
    number: row.number,
    target: row.target,
    sha: row.sha,
    mode: row.build_mode,
    configVersion: row.config_version,
    acceptedAt: Date.parse(row.accepted_at),
    by: row.requested_by,
    headSignal: row.head_signal === 1,
    allowOffBranch: row.allow_off_branch === 1,
    overrideHold: row.override_hold === 1,
    explicit: row.explicit === 1,
    rollbackRelease: row.rollback_release_uuid,
    status: row.status as Status,
    presentSince: msOrNull(row.present_since),
    seenOnBranch: row.seen_on_branch === 1,
    offBranchSince: msOrNull(row.off_branch_since),
    fetchAttempts: row.fetch_attempts,
    nextFetchAt: msOrNull(row.next_fetch_at),
    supersededBy: row.superseded_by,
    cancelRequestedBy: row.cancel_requested_by,
    switched: row.switched === 1,
    releaseUuid: row.release_uuid,
    endedAt: msOrNull(row.ended_at),
    success: row.success === null ? null : row.success === 1,
    rule: row.rule as RuleName,
    reasonCode: row.reason_code,
    reason: row.reason,
  };
}

/** The columns that the decision writes; the rest belongs to the engine. */
export function decidedColumns(d: Deployment) {
  return {
    sha: d.sha,
    config_version: d.configVersion,
    head_signal: bit(d.headSignal),
    allow_off_branch: bit(d.allowOffBranch),
    override_hold: bit(d.overrideHold),
    explicit: bit(d.explicit),
    status: d.status,
    present_since: isoOrNull(d.presentSince),
    seen_on_branch: bit(d.seenOnBranch),
    off_branch_since: isoOrNull(d.offBranchSince),
    fetch_attempts: d.fetchAttempts,
    next_fetch_at: isoOrNull(d.nextFetchAt),
    superseded_by: d.supersededBy,
    cancel_requested_by: d.cancelRequestedBy,
    switched: bit(d.switched),
    release_uuid: d.releaseUuid,
    ended_at: isoOrNull(d.endedAt),
    success: d.success === null ? null : bit(d.success),
    rule: d.rule,
    reason_code: d.reasonCode,
    reason: d.reason,
  } satisfies Partial<DeploymentRow>;
}

/** The columns of a new row that never change afterwards. */
export function acceptedColumns(d: Deployment) {
  return {
    number: d.number,
    target: d.target,
    build_mode: d.mode satisfies BuildMode,
    requested_by: d.by,
    rollback_release_uuid: d.rollbackRelease,
    accepted_at: toIso(d.acceptedAt),
  } satisfies Partial<DeploymentRow>;
}

export function toState(
  row: EnvironmentStateRow,
  unfinished: readonly DeploymentRow[],
): EnvironmentState {
  return {
    nextNumber: row.next_number,
    live: toLive(row),
    previousLive: row.previous_live === null ? null : (JSON.parse(row.previous_live) as Live),
    hold:
      row.hold_since === null
        ? null
        : {
            since: Date.parse(row.hold_since),
            by: row.hold_by ?? '',
            reason: row.hold_reason ?? '',
          },
    remembered: JSON.parse(row.remembered) as Remembered[],
    candidate: row.candidate_number,
    deployments: new Map(unfinished.map((one) => [one.number, toDeployment(one)])),
  };
}

function toLive(row: EnvironmentStateRow): Live | null {
  const { live_number, live_sha, live_config_version, live_release_uuid } = row;
  if (live_number === null || live_sha === null || live_release_uuid === null) return null;
  return {
    number: live_number,
    sha: live_sha,
    configVersion: live_config_version ?? 0,
    releaseUuid: live_release_uuid,
  };
}

/** `uuidOf` names the deployment of an acceptance number. */
export function stateColumns(state: EnvironmentState, uuidOf: (number: number) => string | null) {
  const { live, hold } = state;
  return {
    next_number: state.nextNumber,
    live_deployment_uuid: live === null ? null : uuidOf(live.number),
    live_release_uuid: live?.releaseUuid ?? null,
    live_number: live?.number ?? null,
    live_sha: live?.sha ?? null,
    live_config_version: live?.configVersion ?? null,
    previous_live: state.previousLive === null ? null : JSON.stringify(state.previousLive),
    hold_since: isoOrNull(hold?.since ?? null),
    hold_by: hold?.by ?? null,
    hold_reason: hold?.reason ?? null,
    remembered: JSON.stringify(state.remembered),
    candidate_number: state.candidate,
    candidate_deployment_uuid: state.candidate === null ? null : uuidOf(state.candidate),
  } satisfies Partial<EnvironmentStateRow>;
}

export const freshStateRow = (environmentUuid: string): EnvironmentStateRow => ({
  environment_uuid: environmentUuid,
  order_version: 0,
  next_number: 1,
  live_deployment_uuid: null,
  live_release_uuid: null,
  live_number: null,
  live_sha: null,
  live_config_version: null,
  previous_live: null,
  hold_since: null,
  hold_by: null,
  hold_reason: null,
  remembered: '[]',
  candidate_number: null,
  candidate_deployment_uuid: null,
  stopped: 0,
  fence: 0,
  wake_at: null,
});
