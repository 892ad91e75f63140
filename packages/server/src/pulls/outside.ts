import { randomUUID } from 'node:crypto';
import type { PullRequestMessage } from '../store/messages.ts';
import type { Context, Pull } from './context.ts';
import { close, follow, markMerged } from './follow.ts';
import { newRow } from './open.ts';

/**
 * Takes in what an outside host says of a pull request. What it says of the head is never trusted: of one that is said to
 * be a branch of this repository only what stands on that branch, as it was fetched, is built (spec/travis.md 14.5), and
 * of a fork the commit that the host keeps for the pull request, without secrets.
 */
export async function takeIn(
  context: Context,
  message: PullRequestMessage,
): Promise<string | null> {
  const repository = await context.git.get(message.repositoryUuid);
  if (repository === null) return null;
  // A host that is down must not hold up the messages of others: the next fetch, and its push, make it good.
  await context.git.fetch(repository.uuid).catch((error: unknown) => {
    context.onError(error, `fetching for pull request ${message.number} of ${repository.slug}`);
  });
  const pull = await upsert(context, message);
  if (pull.is_fork === 1) await fetchHead(context, pull);
  if (message.action === 'closed' && pull.state === 'open') {
    await close(context, pull, null, null);
  } else if (message.action === 'merged' && pull.state !== 'merged') {
    const base = await context.git.history(repository.uuid).head(message.base.ref);
    const sha = base ?? message.base.sha ?? pull.base_sha;
    await markMerged(context, pull, { sha, head: message.head.sha, base: sha });
  } else {
    await follow(context, pull.uuid);
  }
  return pull.uuid;
}

/** Where hosts keep the head of a pull request; Bitbucket's cloud keeps none. */
const HEADS: Readonly<Record<string, (number: number) => string>> = {
  github: (number) => `refs/pull/${number}/head`,
  gitea: (number) => `refs/pull/${number}/head`,
  generic: (number) => `refs/pull/${number}/head`,
  gitlab: (number) => `refs/merge-requests/${number}/head`,
  bitbucket: (number) => `refs/pull-requests/${number}/from`,
};

/** The commits of a fork are in no branch of ours. What fails here is tried again by `fetchMissingHeads`. */
async function fetchHead(context: Context, pull: Pull): Promise<boolean> {
  const { repository_uuid: repositoryUuid, provider, number, head_sha: head } = pull;
  if (await context.git.history(repositoryUuid).present(head)) return false;
  const from = HEADS[provider]?.(number);
  if (from === undefined) return false;
  try {
    await context.git.mirrors.fetchRef(repositoryUuid, from, `refs/pulls/${number}/head`);
    return true;
  } catch (error) {
    context.onError(error, `fetching the head of pull request ${number}`);
    return false;
  }
}

/** Heads of forks that could not be fetched when their host told of them; answers which came now. */
export async function fetchMissingHeads(context: Context): Promise<string[]> {
  const pulls = await context.store.db
    .selectFrom('pull_requests')
    .selectAll()
    .where('state', '=', 'open')
    .where('is_fork', '=', 1)
    .where('mergeability', '=', 'unknown')
    .execute();
  const came: string[] = [];
  for (const pull of pulls) {
    if (!(await fetchHead(context, pull))) continue;
    await context.turns.take(pull.repository_uuid, () => follow(context, pull.uuid));
    came.push(pull.uuid);
  }
  return came;
}

async function upsert(context: Context, message: PullRequestMessage): Promise<Pull> {
  const { repositoryUuid, number, action, head, base, author } = message;
  const ended = action === 'closed' || action === 'merged';
  return context.store.transaction(async (trx) => {
    const before = await trx
      .selectFrom('pull_requests')
      .selectAll()
      .where('repository_uuid', '=', repositoryUuid)
      .where('number', '=', number)
      .executeTakeFirst();
    const said = {
      ...{ title: message.title.slice(0, 250) || `#${number}`, url: message.url },
      ...{ head_ref: head.ref, head_sha: head.sha, head_repository: head.repository },
      ...{ is_fork: head.isFork ? 1 : 0, base_ref: base.ref, draft: message.draft ? 1 : 0 },
    };
    if (before === undefined) {
      const row = newRow({
        ...{ uuid: randomUUID(), repository_uuid: repositoryUuid, provider: message.provider },
        ...{ number, description: '', base_sha: base.sha ?? '', ...said },
        ...{ author_uuid: null, author_id: author.id, author_login: author.login },
        at: context.now(),
      });
      await trx.insertInto('pull_requests').values(row).execute();
      return row;
    }
    const reopened = before.state === 'closed' && !ended;
    const change = {
      ...said,
      ...(reopened ? { state: 'open', ended_at: null, build_head: null } : {}),
      ...(before.base_ref === base.ref ? {} : { build_head: null }),
      updated_at: context.now(),
    };
    await trx.updateTable('pull_requests').set(change).where('uuid', '=', before.uuid).execute();
    return { ...before, ...change };
  });
}
