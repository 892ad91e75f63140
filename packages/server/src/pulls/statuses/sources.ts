import type { Topics } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';
import type { Context, Pull } from '../context.ts';
import type { Status, StatusState } from './hosts.ts';

/** Before this nobody looks at a commit's marks any more. */
const RECENT_MS = 48 * 60 * 60_000;

async function hasTarget({ store }: Context, repositoryUuid: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('status_targets')
    .select('repository_uuid')
    .where('repository_uuid', '=', repositoryUuid)
    .executeTakeFirst();
  return row !== undefined;
}

/** Of a build's states; others tell nothing. */
export const BUILDS: Readonly<Record<string, readonly [StatusState, string]>> = {
  unfinished: ['pending', 'The build is on its way.'],
  passed: ['success', 'The build passed.'],
  failed: ['failure', 'The build failed.'],
  errored: ['error', 'The build errored.'],
  canceled: ['error', 'The build was canceled.'],
};

/** What a build's state means for its commit; null: nothing is to be told. */
export async function statusOfBuild(
  context: Context,
  { repositoryUuid, buildId, state }: Topics['build'],
): Promise<Status | null> {
  const said = BUILDS[state];
  if (said === undefined || !(await hasTarget(context, repositoryUuid))) return null;
  const build = await context.store.db
    .selectFrom('builds')
    .select(['sha', 'event', 'number', 'pull_request'])
    .where('id', '=', buildId)
    .executeTakeFirst();
  if (build === undefined) return null;
  // The merge result exists here only: the mark belongs on the head, where its author looks.
  const head =
    build.pull_request === null ? null : (JSON.parse(build.pull_request) as { sha: string }).sha;
  return {
    sha: head ?? build.sha,
    context: head === null ? `sluice/${build.event}` : 'sluice/pr',
    state: said[0],
    description: said[1],
    targetUrl: `${context.publicUrl()}/builds/${buildId}`,
  };
}

/** A stranger's build that nobody has approved yet. */
export async function statusOfWaiting(context: Context, pull: Pull): Promise<Status | null> {
  if (pull.approval !== 'awaiting' || pull.state !== 'open') return null;
  if (!(await hasTarget(context, pull.repository_uuid))) return null;
  return {
    ...{ sha: pull.head_sha, context: 'sluice/pr', state: 'pending' },
    description: 'The build awaits an approval.',
    targetUrl: pull.url ?? context.publicUrl(),
  };
}

type Seen = Pick<
  DeploymentRow,
  'uuid' | 'environment_uuid' | 'repository_uuid' | 'sha' | 'status' | 'superseded_by'
>;

/** What a deployment's state means for its commit; null: nothing is to be told. */
export async function statusOfDeployment(
  context: Context,
  deploymentUuid: string,
): Promise<{ repositoryUuid: string; status: Status } | null> {
  const { db } = context.store;
  const row = await db
    .selectFrom('deployments')
    .select(['uuid', 'environment_uuid', 'repository_uuid', 'sha', 'status', 'superseded_by'])
    .where('uuid', '=', deploymentUuid)
    .executeTakeFirst();
  if (row === undefined || row.sha === null) return null;
  if (!(await hasTarget(context, row.repository_uuid))) return null;
  const environment = await db
    .selectFrom('environments')
    .select('slug')
    .where('uuid', '=', row.environment_uuid)
    .executeTakeFirst();
  const slug = environment?.slug.replace(/~.*$/, '') ?? '';
  const carrier = await carrierOf(context, row);
  const said = describeDeployment(row.status, slug, carrier);
  if (said === null) return null;
  return {
    repositoryUuid: row.repository_uuid,
    status: {
      ...{ sha: row.sha, state: said[0], description: said[1] },
      context: `sluice/deploy/${slug}`,
      targetUrl: `${context.publicUrl()}/deployments/${carrier?.uuid ?? row.uuid}`,
    },
  };
}

/** The one that took the place of a superseded deployment, or of that one, to the end. */
async function carrierOf({ store }: Context, row: Seen): Promise<Seen | null> {
  let carrier: Seen | null = null;
  for (let next: Seen = row, steps = 0; next.superseded_by !== null && steps < 100; steps += 1) {
    const found = await store.db
      .selectFrom('deployments')
      .select(['uuid', 'environment_uuid', 'repository_uuid', 'sha', 'status', 'superseded_by'])
      .where('environment_uuid', '=', row.environment_uuid)
      .where('number', '=', next.superseded_by)
      .executeTakeFirst();
    if (found === undefined) break;
    carrier = found;
    next = found;
  }
  return carrier;
}

/** Pure: what the state of a deployment says at its commit; null: nothing. `carrier`: who took its place, to the end. */
export function describeDeployment(
  status: string,
  slug: string,
  carrier: Pick<Seen, 'uuid' | 'sha' | 'status'> | null,
): readonly [StatusState, string] | null {
  if (status === 'SUPERSEDED') {
    const by = `deployment ${carrier?.uuid.slice(0, 8) ?? 'a later one'} of ${carrier?.sha?.slice(0, 10) ?? 'a later commit'}`;
    if (carrier?.status === 'SUCCEEDED') return ['success', `Live in ${slug}, carried by ${by}.`];
    if (carrier?.status === 'FAILED') return ['failure', `Carried by ${by}, which failed.`];
    return ['pending', `Carried by ${by}.`];
  }
  switch (status) {
    case 'SUCCEEDED':
      return ['success', `Live in ${slug}.`];
    case 'FAILED':
      return ['failure', `The deployment to ${slug} failed.`];
    case 'CANCELLED':
      return ['error', `The deployment to ${slug} was cancelled.`];
    case 'HELD':
      return ['error', `${slug} is on hold; the commit waits as its candidate.`];
    case 'SKIPPED':
      // Nothing was to be done, and a red or green mark would say otherwise.
      return null;
    default:
      return ['pending', `On its way to ${slug}.`];
  }
}

/** Deployments whose newest state a crash may have kept from being told. */
export async function recentDeployments({ store, now }: Context): Promise<string[]> {
  const since = new Date(Date.parse(now()) - RECENT_MS).toISOString();
  const rows = await store.db
    .selectFrom('deployments')
    .innerJoin('status_targets', 'status_targets.repository_uuid', 'deployments.repository_uuid')
    .select('deployments.uuid')
    .where('deployments.accepted_at', '>=', since)
    .orderBy('deployments.accepted_at')
    .execute();
  return rows.map(({ uuid }) => uuid);
}
