import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import { chooseDefaultBranch, planSteps, type Receipt, type Step } from './changes.ts';
import { branchOf } from './names.ts';
import type { GitProcesses } from './process.ts';
import { type JudgedStep, readRecorded, writePushes, writeRefs } from './record-steps.ts';
import { peelAll, type RefState, readRefs } from './refs.ts';
import { headBranch, refsOnDisk } from './refs-on-disk.ts';
import { ABSENT, type GitPolicies, type History, type Repository } from './types.ts';

export interface ReconcileDeps {
  readonly store: Store;
  readonly git: GitProcesses;
  readonly path: (repositoryUuid: string) => string;
  readonly history: (repositoryUuid: string) => History;
  readonly get: (repositoryUuid: string) => Promise<Repository | null>;
  readonly onDefaultBranch: GitPolicies['onDefaultBranch'];
}

/** Two servers, or two rounds of this one: what was read before the transaction no longer holds. */
class Outdated extends Error {}

const MOST_ATTEMPTS = 5;

/**
 * Records what happened to the refs of a repository. Refs on disk are the truth; the rows follow. With `receipts`, only
 * what those say is recorded (and the ids of those pushes are answered, also when they were recorded before);
 * without, everything that differs. `preferredBranch` is what a mirror's remote names as its HEAD.
 *
 * Callers take turns for each repository, see `turns.ts`.
 */
export async function reconcile(
  deps: ReconcileDeps,
  repositoryUuid: string,
  receipts: readonly Receipt[] | null,
  preferredBranch: string | null = null,
): Promise<number[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptReconcile(deps, repositoryUuid, receipts, preferredBranch);
    } catch (error) {
      if (!(error instanceof Outdated)) throw error;
      if (attempt === MOST_ATTEMPTS) {
        throw new SluiceError('unavailable', 'The refs of the repository keep changing.', {
          cause: error,
        });
      }
    }
  }
}

async function attemptReconcile(
  deps: ReconcileDeps,
  repositoryUuid: string,
  receipts: readonly Receipt[] | null,
  preferredBranch: string | null,
): Promise<number[]> {
  const repository = await deps.get(repositoryUuid);
  if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
  const path = deps.path(repositoryUuid);
  // Rows before disk: a push in between is seen now or by the next round, never undone.
  const recorded = await recordedRefs(deps.store, repositoryUuid);
  const disk = receipts === null ? await readRefs(deps.git, path) : null;
  const reported = (receipts ?? []).map((receipt) => receipt.after);
  const commits = await peelAll(deps.git, path, reported);
  const commitOf = (object: string) => commits.get(object) ?? null;
  const steps = planSteps({ recorded, disk, receipts: receipts ?? [], commitOf });
  const history = deps.history(repositoryUuid);
  const judged: JudgedStep[] = [];
  for (const step of steps) judged.push({ ...step, forced: await isForced(history, step) });

  // A mirror's first fetch brings years of branches; only the default one is news.
  const isImport = repository.kind === 'mirror' && recorded.size === 0;
  const ids: number[] = [];
  if (judged.length > 0) {
    await deps.store.transaction(async (trx) => {
      ids.length = 0;
      await refuseOutdated(trx, repositoryUuid, judged, recorded);
      const defaultBranch = await settleDefaultBranch(
        deps,
        trx,
        repository,
        judged,
        preferredBranch,
      );
      await writeRefs(trx, repositoryUuid, judged);
      const news = judged.filter(({ ref }) => !isImport || branchOf(ref) === defaultBranch);
      ids.push(...(await writePushes(deps.store, trx, repositoryUuid, news)));
      deps.store.changes.emit({ kind: 'repository', id: repositoryUuid, application: null }, trx);
    });
  }
  if (receipts !== null) await claim(deps.store, repositoryUuid, receipts, commitOf, ids);
  const settled = (await deps.get(repositoryUuid))?.defaultBranch ?? null;
  if (settled !== null) await pointHead(deps.git, path, settled);
  return ids;
}

/** Whether the rows say what the disk says, found out without a process of git; false also where that cannot be told. */
export async function isReconciled(
  { store, path, get }: Pick<ReconcileDeps, 'store' | 'path' | 'get'>,
  repositoryUuid: string,
): Promise<boolean> {
  const [disk, repository] = await Promise.all([
    refsOnDisk(path(repositoryUuid)),
    get(repositoryUuid),
  ]);
  const branch = repository?.defaultBranch ?? null;
  if (disk === null || (branch !== null && (await headBranch(path(repositoryUuid))) !== branch)) {
    return false;
  }
  const recorded = await recordedRefs(store, repositoryUuid);
  if (disk.size !== recorded.size) return false;
  return [...disk].every(([ref, sha]) => recorded.get(ref)?.sha === sha);
}

async function recordedRefs(store: Store, repositoryUuid: string): Promise<Map<string, RefState>> {
  const rows = await store.db
    .selectFrom('repository_refs')
    .select(['ref', 'sha', 'commit_sha'])
    .where('repository_uuid', '=', repositoryUuid)
    .execute();
  return new Map(rows.map((row) => [row.ref, { sha: row.sha, commitSha: row.commit_sha }]));
}

async function isForced(history: History, { ref, from, to }: Step): Promise<boolean> {
  if (from === null || to === null) return false;
  if (branchOf(ref) === null) return true;
  if (from.commitSha === null || to.commitSha === null) return true;
  return !(await history.isAncestor(from.commitSha, to.commitSha));
}

async function refuseOutdated(
  trx: Trx,
  repositoryUuid: string,
  steps: readonly Step[],
  recorded: ReadonlyMap<string, RefState>,
): Promise<void> {
  const refs = steps.map(({ ref }) => ref);
  const now = await readRecorded(trx, repositoryUuid, refs);
  for (const ref of refs) {
    if (now.get(ref) !== recorded.get(ref)?.sha)
      throw new Outdated(`${ref} was recorded meanwhile`);
  }
}

/** The first branch ever becomes the default one (spec/ordering.md 5). */
async function settleDefaultBranch(
  deps: ReconcileDeps,
  trx: Trx,
  repository: Repository,
  steps: readonly Step[],
  preferred: string | null,
): Promise<string | null> {
  const row = await trx
    .selectFrom('repositories')
    .select('default_branch')
    .where('uuid', '=', repository.uuid)
    .executeTakeFirst();
  if (row === undefined) throw new SluiceError('not_found', 'The repository was removed.');
  if (row.default_branch !== null) return row.default_branch;
  const made = steps.filter((step) => step.from === null && step.to !== null);
  const branches = made.map((step) => branchOf(step.ref)).filter((name) => name !== null);
  const isPreferred = preferred !== null && branches.includes(preferred);
  const chosen = isPreferred ? preferred : chooseDefaultBranch(branches);
  if (chosen === null) return null;
  await trx
    .updateTable('repositories')
    .set({ default_branch: chosen })
    .where('uuid', '=', repository.uuid)
    .execute();
  await deps.onDefaultBranch(trx, repository.uuid, chosen);
  return chosen;
}

/** Puts the pusher's name on pushes that a fetch or a restart recorded before the hook arrived. */
async function claim(
  store: Store,
  repositoryUuid: string,
  receipts: readonly Receipt[],
  commitOf: (object: string) => string | null,
  ids: number[],
): Promise<void> {
  if (ids.length >= receipts.length) return;
  for (const receipt of receipts) {
    const latest = await store.db
      .selectFrom('pushes')
      .select(['id', 'pusher_uuid', 'after_sha'])
      .where('repository_uuid', '=', repositoryUuid)
      .where('ref', '=', receipt.ref)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (latest === undefined || ids.includes(latest.id)) continue;
    const after = commitOf(receipt.after) ?? ABSENT;
    if (latest.after_sha !== after || latest.pusher_uuid !== null) continue;
    await store.db
      .updateTable('pushes')
      .set({ pusher_uuid: receipt.pusherUuid })
      .where('id', '=', latest.id)
      .execute();
    ids.push(latest.id);
  }
}

/** So that a clone checks the default branch out. Mostly it does already, which its file tells without a process of git. */
export async function pointHead(
  git: GitProcesses,
  repository: string,
  branch: string,
): Promise<void> {
  if ((await headBranch(repository)) === branch) return;
  await git.run(['symbolic-ref', 'HEAD', `refs/heads/${branch}`], { repository });
}
