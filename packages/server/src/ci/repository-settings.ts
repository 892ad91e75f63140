import type { Context } from './dependencies.ts';

/** What a repository sets for its own builds; null: as the installation's setting says. */
export interface RepositorySettings {
  readonly strictToolchains: boolean | null;
  readonly maxJobs: number | null;
}

export async function readRepositorySettings(
  context: Context,
  repositoryUuid: string,
): Promise<RepositorySettings> {
  const row = await context.store.db
    .selectFrom('ci_repositories')
    .select(['strict_toolchains', 'max_jobs'])
    .where('repository_uuid', '=', repositoryUuid)
    .executeTakeFirst();
  const strict = row?.strict_toolchains ?? null;
  return {
    strictToolchains: strict === null ? null : strict === 1,
    maxJobs: row?.max_jobs ?? null,
  };
}

export async function writeRepositorySettings(
  context: Context,
  repositoryUuid: string,
  change: Partial<RepositorySettings>,
): Promise<void> {
  const values = {
    ...(change.strictToolchains === undefined
      ? {}
      : {
          strict_toolchains:
            change.strictToolchains === null ? null : Number(change.strictToolchains),
        }),
    ...(change.maxJobs === undefined ? {} : { max_jobs: change.maxJobs }),
  };
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
    wake('queue');
  });
}
