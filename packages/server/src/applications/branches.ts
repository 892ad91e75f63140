import type { Store, Trx } from '../store/index.ts';

/** What git asks applications about branches; `main.ts` hands these to `git.attach`. */
export function createBranches(store: Store) {
  /**
   * The first branch was pushed: environments whose branch does not exist follow it (spec/ordering.md 5). None can
   * have been deployed yet, for there was no commit. Runs in the transaction that records the push.
   */
  const onDefaultBranch = async (
    trx: Trx,
    repositoryUuid: string,
    branch: string,
  ): Promise<void> => {
    const refs = await trx
      .selectFrom('repository_refs')
      .select('ref')
      .where('repository_uuid', '=', repositoryUuid)
      .execute();
    const present = new Set(refs.map((row) => row.ref));
    const environments = await trx
      .selectFrom('environments as e')
      .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
      .select(['e.uuid', 'e.branch'])
      .where('a.repository_uuid', '=', repositoryUuid)
      .where('e.deleted_at', 'is', null)
      .execute();
    const stranded = environments.filter(
      (environment) =>
        environment.branch !== branch && !present.has(`refs/heads/${environment.branch}`),
    );
    if (stranded.length === 0) return;
    const uuids = stranded.map((environment) => environment.uuid);
    await trx.updateTable('environments').set({ branch }).where('uuid', 'in', uuids).execute();
  };

  /** The deployment branches: history that was deployed is not rewritten without the permission for it. */
  const protectedBranches = async (repositoryUuid: string): Promise<string[]> => {
    const rows = await store.db
      .selectFrom('environments as e')
      .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
      .select('e.branch')
      .distinct()
      .where('a.repository_uuid', '=', repositoryUuid)
      .where('e.deleted_at', 'is', null)
      // A pull request's branch stays its author's, to be rewritten and deleted at will.
      .where('e.uuid', 'not in', (eb) => eb.selectFrom('previews').select('environment_uuid'))
      .execute();
    return rows.map((row) => row.branch);
  };

  return { onDefaultBranch, protectedBranches };
}
