/**
 * The room that joins: one look at applications with what is live, what is on its way, what failed and why. It reads
 * rows and git, changes nothing and decides nothing for anybody.
 */
import type { ApplicationLine, CommitFates, SearchHit } from '@sluice/contract';
import type { OverviewDeps } from './deps.ts';
import { createEnvironmentLines } from './environment-lines.ts';
import { createFates, type FatesQuery } from './fates.ts';
import { createPullStory } from './pull-story/index.ts';
import { buildRows } from './rows.ts';
import { createSearch } from './search.ts';

/** What the door knows of an application that somebody may see. */
export interface OverviewApplication {
  readonly uuid: string;
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly organisationUuid: string;
  readonly repositoryUuid: string;
}

export interface Overview {
  /** In the order that is given. */
  lines(applications: readonly OverviewApplication[]): Promise<ApplicationLine[]>;
  /** Throws `invalid` for a branch or commit that is not there. */
  commits(application: OverviewApplication, query: FatesQuery): Promise<CommitFates>;
  /** What became of a pull request in an application of its repository. */
  readonly pullRequest: ReturnType<typeof createPullStory>;
  /** At most 20, best first. */
  search(applications: readonly OverviewApplication[], text: string): Promise<SearchHit[]>;
}

export function createOverview(deps: OverviewDeps): Overview {
  const { store } = deps;
  const environmentLines = createEnvironmentLines(deps);
  const fates = createFates(deps);

  const repositories = async (applications: readonly OverviewApplication[]) => {
    if (applications.length === 0) return new Map();
    const rows = await store.db
      .selectFrom('repositories')
      .select(['uuid', 'ci_enabled', 'default_branch'])
      .where(
        'uuid',
        'in',
        applications.map(({ repositoryUuid }) => repositoryUuid),
      )
      .execute();
    return new Map(rows.map((row) => [row.uuid, row]));
  };

  return {
    lines: async (applications) => {
      const [environments, builds, known] = await Promise.all([
        environmentLines(applications.map(({ uuid }) => uuid)),
        buildRows(
          store,
          applications.map(({ repositoryUuid }) => repositoryUuid),
        ),
        repositories(applications),
      ]);
      const buildsOf = Map.groupBy(builds, (row) => row.repository_uuid);
      return applications.map((one) => ({
        ...{ uuid: one.uuid, id: one.id, slug: one.slug, name: one.name },
        organisation: one.organisationUuid,
        repository_uuid: one.repositoryUuid,
        ci_active: known.get(one.repositoryUuid)?.ci_enabled === 1,
        environments: [...(environments.get(one.uuid) ?? [])],
        builds: (buildsOf.get(one.repositoryUuid) ?? []).map(
          ({ id, number, state, branch, sha, created_at, started_at, finished_at }) => ({
            ...{ id, number, state, branch, sha, created_at, started_at, finished_at },
          }),
        ),
      }));
    },
    commits: async (application, query) => {
      const repository = (await repositories([application])).get(application.repositoryUuid);
      const defaultBranch = repository?.default_branch ?? null;
      return fates({ ...application, defaultBranch }, query);
    },
    pullRequest: createPullStory(deps),
    search: createSearch(store),
  };
}
