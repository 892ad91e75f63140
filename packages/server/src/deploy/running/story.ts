import type { CommitInfo, Git } from '../../git/types.ts';
import type { Store } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';
import { type Brought, broughtBy } from './brought.ts';
import { type BuildLine, decidingBuild } from './build.ts';
import { type StepView, stepsOf } from './steps.ts';

/** What is to be told of one deployment besides its own row. */
export interface StoryView extends Brought {
  /** In the order in which they began: waiting, then the pipeline's. */
  readonly steps: readonly StepView[];
  readonly commit: CommitInfo | null;
  readonly build: BuildLine | null;
  readonly signals: readonly {
    readonly by: string;
    readonly via: string;
    readonly target: string | null;
    readonly at: string;
    readonly joined: boolean;
  }[];
  readonly decisions: readonly {
    readonly at: string;
    readonly from: string | null;
    readonly to: string;
    readonly rule: string;
    readonly reason: string | null;
    /** The deployment that took its place. */
    readonly supersededBy: string | null;
  }[];
  readonly release: {
    readonly uuid: string;
    readonly isLive: boolean;
    /** Whether it can be rolled back to. */
    readonly kept: boolean;
    readonly commands: readonly { readonly label: string; readonly command: string }[];
  } | null;
}

export interface StoryDeps {
  readonly store: Store;
  readonly git: Pick<Git, 'history' | 'commit' | 'commits'>;
}

/** Null where there is no such deployment. */
export async function deploymentStory(
  { store, git }: StoryDeps,
  deploymentUuid: string,
): Promise<StoryView | null> {
  const row = await store.db
    .selectFrom('deployments')
    .selectAll()
    .where('uuid', '=', deploymentUuid)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { repository_uuid: repository, sha } = row;
  const [steps, brought, commit, build, signals, decisions, release] = await Promise.all([
    stepsOf(store, row),
    broughtBy({ store, git }, row),
    sha === null ? null : git.commit(repository, sha),
    sha === null ? null : decidingBuild(store, repository, sha),
    signalsOf(store, deploymentUuid),
    decisionsOf(store, row),
    releaseOf(store, row),
  ]);
  return { ...brought, steps, commit, build, signals, decisions, release };
}

async function signalsOf({ db }: Store, deploymentUuid: string): Promise<StoryView['signals']> {
  const rows = await db
    .selectFrom('signals')
    .selectAll()
    .where('deployment_uuid', '=', deploymentUuid)
    .orderBy('arrived_at')
    .execute();
  return rows.map((row) => ({
    by: row.user_email,
    via: row.via,
    target: row.target,
    at: row.arrived_at,
    joined: row.joined === 1,
  }));
}

async function decisionsOf(
  { db }: Store,
  deployment: DeploymentRow,
): Promise<StoryView['decisions']> {
  const rows = await db
    .selectFrom('deployment_events as e')
    .leftJoin('deployments as s', (join) =>
      join
        .onRef('s.environment_uuid', '=', 'e.environment_uuid')
        .onRef('s.number', '=', 'e.superseded_by'),
    )
    .select(['e.at', 'e.from_status', 'e.to_status', 'e.rule', 'e.reason', 's.uuid as superseder'])
    .where('e.deployment_uuid', '=', deployment.uuid)
    .orderBy('e.id')
    .execute();
  return rows.map((row) => ({
    at: row.at,
    from: row.from_status,
    to: row.to_status,
    rule: row.rule,
    reason: row.reason,
    supersededBy: row.superseder,
  }));
}

/** A rollback's is the old one that it makes live again; any other has one of its own once it runs. */
async function releaseOf({ db }: Store, deployment: DeploymentRow): Promise<StoryView['release']> {
  const uuid = deployment.release_uuid ?? deployment.rollback_release_uuid;
  const row = await db
    .selectFrom('releases as r')
    .leftJoin('images as i', 'i.uuid', 'r.image_uuid')
    .leftJoin('environment_state as s', 's.environment_uuid', 'r.environment_uuid')
    .select(['r.uuid', 'r.live_at', 'r.removed_at', 'r.release_commands', 'i.state'])
    .select('s.live_release_uuid')
    .where((of) =>
      uuid === null ? of('r.deployment_uuid', '=', deployment.uuid) : of('r.uuid', '=', uuid),
    )
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    uuid: row.uuid,
    isLive: row.live_release_uuid === row.uuid,
    kept: row.live_at !== null && row.removed_at === null && row.state === 'ready',
    commands: JSON.parse(row.release_commands),
  };
}
