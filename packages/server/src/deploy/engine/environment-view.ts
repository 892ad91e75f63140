import type { Store } from '../../store/index.ts';

export interface EnvironmentStateView {
  readonly liveDeploymentUuid: string | null;
  readonly liveReleaseUuid: string | null;
  readonly liveCommit: string | null;
  readonly hold: {
    readonly since: string;
    readonly by: string | null;
    readonly reason: string | null;
  } | null;
  /** What a resume would deploy (ordering.md 4.2). */
  readonly candidateDeploymentUuid: string | null;
  readonly stopped: boolean;
}

export interface ReleaseView {
  readonly uuid: string;
  readonly environmentUuid: string;
  readonly deploymentUuid: string | null;
  readonly sha: string;
  readonly createdAt: string;
  readonly isLive: boolean;
}

export async function environmentState(
  { db }: Store,
  environmentUuid: string,
): Promise<EnvironmentStateView> {
  const row = await db
    .selectFrom('environment_state')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .executeTakeFirst();
  return {
    liveDeploymentUuid: row?.live_deployment_uuid ?? null,
    liveReleaseUuid: row?.live_release_uuid ?? null,
    liveCommit: row?.live_sha ?? null,
    hold: row?.hold_since
      ? { since: row.hold_since, by: row.hold_by, reason: row.hold_reason }
      : null,
    candidateDeploymentUuid: row?.candidate_deployment_uuid ?? null,
    stopped: row?.stopped === 1,
  };
}

/** Releases that can be rolled back to, the one that went live last first. */
export async function keptReleases(store: Store, environmentUuid: string): Promise<ReleaseView[]> {
  const { liveReleaseUuid } = await environmentState(store, environmentUuid);
  const rows = await store.db
    .selectFrom('releases')
    .selectAll()
    .where('environment_uuid', '=', environmentUuid)
    .where('live_at', 'is not', null)
    .where('removed_at', 'is', null)
    .orderBy('live_at', 'desc')
    .execute();
  return rows.map((row) => ({
    uuid: row.uuid,
    environmentUuid,
    deploymentUuid: row.deployment_uuid,
    sha: row.sha,
    createdAt: row.created_at,
    isLive: row.uuid === liveReleaseUuid,
  }));
}

/** What a build page shows beside the build: the deployments of its commit, newest first. */
export async function deploymentsOfCommit({ db }: Store, repositoryUuid: string, sha: string) {
  const rows = await db
    .selectFrom('deployments as d')
    .innerJoin('environments as e', 'e.uuid', 'd.environment_uuid')
    .select(['d.uuid', 'd.status', 'd.success', 'd.reason', 'e.slug'])
    .where('d.repository_uuid', '=', repositoryUuid)
    .where('d.sha', '=', sha)
    .orderBy('d.started_at', 'desc')
    .limit(50)
    .execute();
  return rows.map((row) => ({
    uuid: row.uuid,
    environment: row.slug,
    status: row.status,
    success: row.success === null ? null : row.success === 1,
    reason: row.reason,
  }));
}
