import type { CommitInfo, Git } from '../../git/types.ts';
import type { Store } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';

/** How the code that is live changes by a deployment. */
export interface Brought {
  /** The commit that was live when it started; null when nothing was, or when it is not in the repository any more. */
  readonly previous: CommitInfo | null;
  /** In its commit's history and not in the previous one's, newest first. */
  readonly commits: readonly CommitInfo[];
  /** In the previous one's alone, newest first: taken off, as a rollback does. */
  readonly removed: readonly CommitInfo[];
  /** False where there are more than are shown, or where what was live before cannot be compared any more. */
  readonly complete: boolean;
}

const MOST_COMMITS = 200;

/**
 * The difference of two histories in both directions, which is right for merges, rollbacks, rewritten branches and
 * histories that share nothing. A commit that is not here (a mirror that has not fetched it yet) brings nothing so far.
 */
export async function broughtBy(
  { store, git }: { store: Store; git: Pick<Git, 'history' | 'commits'> },
  deployment: DeploymentRow,
): Promise<Brought> {
  const { repository_uuid: repository, sha } = deployment;
  const history = git.history(repository);
  const before = await liveBefore(store, deployment);
  const here = await history.presentAmong([sha, before].filter((one) => one !== null));
  const isHere = (one: string | null): one is string => one !== null && here.has(one);
  const [previous = null] = isHere(before) ? await git.commits(repository, [before]) : [];
  // Without what was live before, everything would seem to be new.
  if (!isHere(sha) || (before !== null && previous === null)) {
    return { previous, commits: [], removed: [], complete: false };
  }
  const [brought, removed] = await Promise.all([
    history.commitsBetween(before, sha, MOST_COMMITS + 1),
    before === null ? [] : history.commitsBetween(sha, before, MOST_COMMITS + 1),
  ]);
  const [commits, taken] = await Promise.all([
    git.commits(repository, brought.slice(0, MOST_COMMITS)),
    git.commits(repository, removed.slice(0, MOST_COMMITS)),
  ]);
  const complete = brought.length <= MOST_COMMITS && removed.length <= MOST_COMMITS;
  return { previous, commits, removed: taken, complete };
}

/**
 * The commit that was live when the deployment took its turn. One that waits would replace what is live now; one that
 * never ran is compared with what was live when it ended.
 */
async function liveBefore({ db }: Store, deployment: DeploymentRow): Promise<string | null> {
  const moment = deployment.running_at ?? deployment.ended_at;
  if (moment === null) {
    const state = await db
      .selectFrom('environment_state')
      .select('live_sha')
      .where('environment_uuid', '=', deployment.environment_uuid)
      .executeTakeFirst();
    return state?.live_sha ?? null;
  }
  const row = await db
    .selectFrom('deployments')
    .select('sha')
    .where('environment_uuid', '=', deployment.environment_uuid)
    .where('uuid', '!=', deployment.uuid)
    .where('status', '=', 'SUCCEEDED')
    .where('ended_at', '<=', moment)
    .orderBy('ended_at', 'desc')
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return row?.sha ?? null;
}
