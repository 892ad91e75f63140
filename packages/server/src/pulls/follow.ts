import { randomUUID } from 'node:crypto';
import type { MergeResult } from '../git/pulls/types.ts';
import type { Repository } from '../git/types.ts';
import { addComment } from './comments.ts';
import { type Context, type Pull, readPull, writePull } from './context.ts';
import { readSettings } from './settings.ts';

/**
 * Brings an open pull request to where its branches are: head and base, what their merge would be, whether it is merged
 * or its branch is gone, and asks for a build of a head that has none. Finds nothing left to do when it is called again.
 *
 * Callers take the repository's turn.
 */
export async function follow(
  context: Context,
  uuid: string,
  { again = false }: { readonly again?: boolean } = {},
): Promise<Pull | null> {
  const pull = await readPull(context, uuid);
  if (pull === null || pull.state !== 'open') return pull;
  const repository = await context.git.get(pull.repository_uuid);
  if (repository === null) return pull;
  const history = context.git.history(repository.uuid);
  const base = await history.head(pull.base_ref);
  // The head of a fork is what its host said last. Of all others only what stands on a branch of this repository
  // counts, whatever anybody says: that is what makes their builds worthy of secrets.
  const head = pull.is_fork === 1 ? pull.head_sha : await history.head(pull.head_ref);
  if (head === null) return branchGone(context, pull, base);
  if (base === null || !(await history.present(head))) {
    await writePull(context, pull, { head_sha: head, mergeability: 'unknown', merge_sha: null });
    return readPull(context, uuid);
  }
  const { number, merging_sha: announced } = pull;
  // A squash leaves no trace of the head: what was announced before a crash says that it was merged.
  if (announced !== null && (await history.isAncestor(announced, base))) {
    await markMerged(context, pull, { sha: announced, head: pull.head_sha, base });
    return readPull(context, uuid);
  }
  const result = await context.git.pulls.prepare(repository.uuid, { number, base, head });
  if (result.kind === 'merged') {
    await markMerged(context, pull, { sha: base, head, base });
  } else {
    await settle(context, repository, pull, { head, base, result, again });
  }
  return readPull(context, uuid);
}

async function branchGone(context: Context, pull: Pull, base: string | null): Promise<Pull | null> {
  // A mirror may know of the pull request before it has the branch.
  if (pull.provider !== 'sluice') return pull;
  const history = context.git.history(pull.repository_uuid);
  if (base !== null && (await history.isAncestor(pull.head_sha, base))) {
    await markMerged(context, pull, { sha: base, head: pull.head_sha, base });
  } else {
    await close(context, pull, null, `Closed, since the branch ${pull.head_ref} was deleted.`);
  }
  return readPull(context, pull.uuid);
}

/** Ends it without merging. */
export async function close(
  context: Context,
  pull: Pull,
  by: string | null,
  comment: string | null,
): Promise<void> {
  await writePull(context, pull, {
    ...{ state: 'closed', ended_by: by, ended_at: context.now() },
    ...{ merge_when_green: null, merging_sha: null, merge_sha: null },
  });
  if (comment !== null) await addComment(context, pull, null, comment);
  await context.git.pulls.drop(pull.repository_uuid, pull.number);
}

/** `sha`: the commit of the base that has its changes first, as far as it is known. */
export async function markMerged(
  context: Context,
  pull: Pull,
  merged: { readonly sha: string; readonly head: string; readonly base: string },
): Promise<void> {
  const own = pull.merging_sha;
  const history = context.git.history(pull.repository_uuid);
  const isOurs = own !== null && (await history.isAncestor(own, merged.base));
  await writePull(context, pull, {
    ...{ state: 'merged', head_sha: merged.head },
    ...{ merged_sha: isOurs ? own : merged.sha, ended_at: context.now() },
    ...{ merge_when_green: null, merging_sha: null, merge_sha: null },
    // What announced the commit stands in the row already; a plain push names nobody.
    ...(isOurs ? {} : { ended_by: null, merge_method: null }),
  });
  await context.git.pulls.drop(pull.repository_uuid, pull.number);
}

interface Found {
  readonly head: string;
  readonly base: string;
  readonly result: Exclude<MergeResult, { kind: 'merged' }>;
  /** Somebody asks for another build of a head that has one. */
  readonly again: boolean;
}

async function settle(
  context: Context,
  repository: Repository,
  pull: Pull,
  { head, base, result, again }: Found,
): Promise<void> {
  const { store, now } = context;
  const approval = await approvalOf(context, repository, pull);
  const isClean = result.kind === 'clean';
  const isNews = pull.build_head !== head;
  // Who waits for it to be merged waits for a build of what will be merged.
  const isOvertaken =
    isClean &&
    pull.build_sha !== result.sha &&
    pull.merge_when_green !== null &&
    (await readSettings(context, repository)).requireCurrent;
  const wanted = isClean && (isNews || isOvertaken || again) && approval !== 'awaiting';
  const request = randomUUID();
  await store.transaction(async (trx) => {
    await trx
      .updateTable('pull_requests')
      .set({
        ...{ head_sha: head, base_sha: base, approval, updated_at: now() },
        mergeability: result.kind,
        conflicts: JSON.stringify(result.kind === 'conflicts' ? result.paths : []),
        merge_sha: isClean ? result.sha : null,
        merging_sha: null,
        // What was to be merged when it is green was another commit.
        ...(pull.head_sha === head ? {} : { merge_when_green: null }),
        ...(isNews || wanted ? { build_id: null, build_state: null, build_reason: null } : {}),
        ...(wanted && isClean
          ? {
              ...{ build_request: request, build_head: head, build_sha: result.sha },
              build_state: 'requested',
            }
          : {}),
      })
      .where('uuid', '=', pull.uuid)
      .execute();
    if (wanted && isClean) {
      await store.messages.publish(trx, 'pull_build', {
        ...{ request, repositoryUuid: repository.uuid, number: pull.number, title: pull.title },
        ...{ draft: pull.draft === 1, sender: pull.author_login, trusted: pull.is_fork === 0 },
        head: { sha: head, ref: pull.head_ref, slug: pull.head_repository ?? repository.slug },
        ...{ baseRef: pull.base_ref, baseSha: base, sha: result.sha },
        ref: `refs/pull/${pull.number}/merge`,
      });
    }
    store.changes.emit({ kind: 'repository', id: repository.uuid, application: null }, trx);
  });
}

/** A stranger's first build runs only once somebody has looked at it. */
async function approvalOf(context: Context, repository: Repository, pull: Pull): Promise<string> {
  if (pull.is_fork === 0) return 'none';
  if (pull.approval === 'approved') return 'approved';
  const { approveFirst } = await readSettings(context, repository);
  if (!approveFirst) return 'none';
  const known = await context.store.db
    .selectFrom('known_authors')
    .select('author_id')
    .where('repository_uuid', '=', repository.uuid)
    .where('provider', '=', pull.provider)
    .where('author_id', '=', pull.author_id)
    .executeTakeFirst();
  return known === undefined ? 'awaiting' : 'approved';
}
