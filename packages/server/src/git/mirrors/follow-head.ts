import type { Store } from '../../store/index.ts';
import type { GitProcesses } from '../process.ts';
import { pointHead } from '../reconcile.ts';
import type { Repository } from '../types.ts';

export interface FollowHeadDeps {
  readonly store: Store;
  readonly git: GitProcesses;
  readonly path: (repositoryUuid: string) => string;
  readonly get: (repositoryUuid: string) => Promise<Repository | null>;
}

/**
 * After a fetch: the default branch follows the host's, when the host named another one than before or the one that it
 * had is gone. Environments keep their branch: what goes live is not changed by somebody at the host.
 */
export async function followHead(
  deps: FollowHeadDeps,
  repositoryUuid: string,
  head: string | null,
  before: string | null,
): Promise<void> {
  const repository = await deps.get(repositoryUuid);
  const current = repository?.defaultBranch ?? null;
  if (head === null || current === null || head === current) return;
  const branches = new Set(
    (
      await deps.store.db
        .selectFrom('repository_refs')
        .select('ref')
        .where('repository_uuid', '=', repositoryUuid)
        .where('ref', 'in', [`refs/heads/${head}`, `refs/heads/${current}`])
        .execute()
    ).map((row) => row.ref),
  );
  if (!branches.has(`refs/heads/${head}`)) return;
  // Somebody here may have chosen another default branch than the host's; then only its end changes it.
  if (before !== current && branches.has(`refs/heads/${current}`)) return;
  await deps.store.transaction(async (trx) => {
    await trx
      .updateTable('repositories')
      .set({ default_branch: head })
      .where('uuid', '=', repositoryUuid)
      .execute();
    deps.store.changes.emit({ kind: 'repository', id: repositoryUuid, application: null }, trx);
  });
  await pointHead(deps.git, deps.path(repositoryUuid), head);
}
