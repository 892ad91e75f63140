import type { Store } from '../../store/index.ts';
import type { CommitTestRow } from '../../store/schema/ci.ts';
import type { Verdict } from '../ordering/types.ts';
import type { EngineDeps } from './context.ts';

/** The CI's table `commit_tests` as the ordering sees it: the deciding build of a commit (1, 2.3). */

const DECIDING = ['push', 'api', 'cron'];

/** Whether a commit holds a `.travis.yml`. Asked of every refused commit in every decision; it never changes. */
export type HasConfiguration = (repositoryUuid: string, sha: string) => Promise<boolean>;

const MOST_COMMITS = 20_000;

export function createHasConfiguration({ git }: Pick<EngineDeps, 'git'>): HasConfiguration {
  const known = new Map<string, boolean>();
  return async (repositoryUuid, sha) => {
    const found =
      known.get(sha) ?? (await git.readFile(repositoryUuid, sha, '.travis.yml')) !== null;
    if (known.size >= MOST_COMMITS) known.clear();
    known.set(sha, found);
    return found;
  };
}

/** The newest build of exactly this commit that was not for a pull request. */
export async function deciding(
  store: Store,
  hasConfiguration: HasConfiguration,
  repositoryUuid: string,
  sha: string,
  present: boolean,
): Promise<Verdict> {
  const row = await newest(store, repositoryUuid, sha);
  if (!row) return { state: 'none' };
  if (row.state === 'unfinished' || row.state === 'passed')
    return { state: row.state, url: row.url };
  const refused = row.state === 'refused';
  // Refused on another branch, perhaps; what the CI makes of the latest push is not known yet.
  if (refused && (await hasUnseenPush(store, repositoryUuid, sha))) return { state: 'none' };
  const noConfiguration = refused && present && !(await hasConfiguration(repositoryUuid, sha));
  if (noConfiguration) return { state: 'impossible', why: 'it has no .travis.yml' };
  const said = row.reason === null ? '' : `: ${row.reason}`;
  const result = refused ? `was skipped${said}` : `${row.state}${said}`;
  return { state: 'failed', result, url: row.url };
}

export async function newest(
  store: Store,
  repositoryUuid: string,
  sha: string,
): Promise<CommitTestRow | undefined> {
  return await store.db
    .selectFrom('commit_tests')
    .selectAll()
    .where('repository_uuid', '=', repositoryUuid)
    .where('sha', '=', sha)
    .where('event', 'in', DECIDING)
    .orderBy('build_number', 'desc')
    // Refusals have no number of their own; the last one counts.
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Whether the commit was pushed to some branch and the CI has not looked at that push. */
async function hasUnseenPush(store: Store, repositoryUuid: string, sha: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('pushes')
    .select('id')
    .where('repository_uuid', '=', repositoryUuid)
    .where('after_sha', '=', sha)
    .where('outcome', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of `shas` whose deciding build passed. */
export async function passedAmong(
  store: Store,
  repositoryUuid: string,
  shas: readonly string[],
): Promise<string[]> {
  const passed = new Set<string>();
  // In slices: SQLite limits the number of bound values.
  for (let from = 0; from < shas.length; from += 200) {
    const rows = await store.db
      .selectFrom('commit_tests')
      .select(['sha', 'state', 'build_number'])
      .where('repository_uuid', '=', repositoryUuid)
      .where('sha', 'in', shas.slice(from, from + 200))
      .where('event', 'in', DECIDING)
      .orderBy('build_number')
      .execute();
    for (const row of rows) {
      if (row.state === 'passed') passed.add(row.sha);
      else passed.delete(row.sha);
    }
  }
  return shas.filter((sha) => passed.has(sha));
}
