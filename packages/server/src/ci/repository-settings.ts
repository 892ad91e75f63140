import type { Store } from '../store/index.ts';
import type { Context } from './dependencies.ts';

/** What a repository sets for its own builds. */
export interface RepositorySettings {
  /** Null: as the installation's setting says. */
  readonly strictToolchains: boolean | null;
  /** Jobs that may run at once; null: as the installation's setting says. */
  readonly maxJobs: number | null;
  /** Whether pushes make builds while CI is on. */
  readonly buildPushes: boolean;
  readonly buildPullRequests: boolean;
  /** A newer push cancels the builds of its branch that have not begun to run. */
  readonly autoCancelPushes: boolean;
  readonly autoCancelPullRequests: boolean;
}

export async function readRepositorySettings(
  { store }: { readonly store: Store },
  repositoryUuid: string,
): Promise<RepositorySettings> {
  const row = await store.db
    .selectFrom('ci_repositories')
    .selectAll()
    .where('repository_uuid', '=', repositoryUuid)
    .executeTakeFirst();
  const strict = row?.strict_toolchains ?? null;
  return {
    strictToolchains: strict === null ? null : strict === 1,
    maxJobs: row?.max_jobs ?? null,
    buildPushes: row?.build_pushes !== 0,
    buildPullRequests: row?.build_pull_requests !== 0,
    autoCancelPushes: row?.auto_cancel_pushes === 1,
    autoCancelPullRequests: row?.auto_cancel_pull_requests === 1,
  };
}

export async function writeRepositorySettings(
  context: Context,
  repositoryUuid: string,
  change: Partial<RepositorySettings>,
): Promise<void> {
  const columns = {
    strict_toolchains: column(change.strictToolchains),
    max_jobs: change.maxJobs,
    build_pushes: column(change.buildPushes),
    build_pull_requests: column(change.buildPullRequests),
    auto_cancel_pushes: column(change.autoCancelPushes),
    auto_cancel_pull_requests: column(change.autoCancelPullRequests),
  };
  const values: Record<string, number | null> = {};
  for (const [name, value] of Object.entries(columns)) {
    if (value !== undefined) values[name] = value;
  }
  if (Object.keys(values).length === 0) return;
  await context.transact(async (trx, { wake }) => {
    await trx
      .insertInto('ci_repositories')
      .values({
        repository_uuid: repositoryUuid,
        last_build_number: 0,
        last_lease_ticket: 0,
        ...values,
      })
      .onConflict((conflict) => conflict.column('repository_uuid').doUpdateSet(values))
      .execute();
    context.store.changes.emit({ kind: 'repository', id: repositoryUuid, application: null }, trx);
    wake('queue');
  });
}

function column(value: boolean | null | undefined): number | null | undefined {
  return typeof value === 'boolean' ? Number(value) : value;
}
