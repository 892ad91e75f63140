import { randomUUID } from 'node:crypto';
import { SluiceError } from '../errors.ts';
import type { Repository } from '../git/types.ts';
import type { Trx } from '../store/index.ts';
import { type Actor, type Context, isHosted, type Pull, readPull } from './context.ts';
import { close, follow } from './follow.ts';

export interface NewPull {
  readonly repositoryUuid: string;
  /** The branch with the changes, and the one that is to get them; default: the default branch. */
  readonly head: string;
  readonly base?: string;
  /** Default: the subject of the head's newest commit. */
  readonly title?: string;
  readonly description?: string;
  readonly draft?: boolean;
}

export interface PullChange {
  readonly title?: string;
  readonly description?: string;
  readonly base?: string;
  readonly draft?: boolean;
}

const LONGEST_TITLE = 250;
const LONGEST_DESCRIPTION = 50_000;

/**
 * Opens one between two branches of a hosted repository. Throws `invalid` by field, `conflict` (`pull_request_open` when
 * there is one of that head and base, `outside` for a mirror).
 */
export async function openPull(context: Context, input: NewPull, by: Actor): Promise<Pull> {
  const repository = await hosted(context, input.repositoryUuid);
  const base = input.base ?? repository.defaultBranch ?? 'main';
  const history = context.git.history(repository.uuid);
  const head = await history.head(input.head);
  if (head === null) throw bad('head', `There is no branch ${input.head}. Push it first.`);
  const baseSha = await history.head(base);
  if (baseSha === null) throw bad('base', `There is no branch ${base}.`);
  if (await history.isAncestor(head, baseSha)) {
    throw bad('head', `${base} has everything of ${input.head} already.`);
  }
  const title =
    input.title?.trim() || ((await context.git.commit(repository.uuid, head))?.subject ?? '');
  const uuid = await context.store.transaction(async (trx) => {
    const open = await trx
      .selectFrom('pull_requests')
      .select('number')
      .where('repository_uuid', '=', repository.uuid)
      .where('state', '=', 'open')
      .where('head_ref', '=', input.head)
      .where('base_ref', '=', base)
      .where('is_fork', '=', 0)
      .executeTakeFirst();
    if (open !== undefined) {
      throw new SluiceError(
        'conflict',
        `Pull request ${open.number} from ${input.head} to ${base} is open.`,
        { reason: 'pull_request_open', remedy: 'Push to its branch to change it.' },
      );
    }
    const row = newRow({
      ...{ uuid: randomUUID(), repository_uuid: repository.uuid, provider: 'sluice' },
      number: await nextNumber(trx, repository.uuid),
      title: checkTitle(title || input.head),
      description: checkDescription(input.description ?? ''),
      ...{ author_uuid: by.userUuid, author_id: by.userUuid, author_login: by.email },
      ...{ head_ref: input.head, head_sha: head, base_ref: base, base_sha: baseSha },
      draft: input.draft === true ? 1 : 0,
      at: context.now(),
    });
    await trx.insertInto('pull_requests').values(row).execute();
    return row.uuid;
  });
  const made = await follow(context, uuid);
  if (made === null) throw new Error(`pull request ${uuid} is gone`);
  return made;
}

/** Title, description, draft, base. Throws `invalid`, `conflict` (`not_open`, `outside`). */
export async function changePull(
  context: Context,
  pull: Pull,
  change: PullChange,
): Promise<Pull | null> {
  await hosted(context, pull.repository_uuid);
  if (pull.state !== 'open') throw notOpen(pull);
  if (change.base !== undefined) {
    const history = context.git.history(pull.repository_uuid);
    if ((await history.head(change.base)) === null) {
      throw bad('base', `There is no branch ${change.base}.`);
    }
    if (change.base === pull.head_ref) throw bad('base', 'That is the branch it comes from.');
  }
  await context.store.db
    .updateTable('pull_requests')
    .set({
      ...(change.title === undefined ? {} : { title: checkTitle(change.title) }),
      ...(change.description === undefined
        ? {}
        : { description: checkDescription(change.description) }),
      ...(change.draft === undefined ? {} : { draft: change.draft ? 1 : 0 }),
      // Another base makes another merge result, which nobody has tested.
      ...(change.base === undefined || change.base === pull.base_ref
        ? {}
        : { base_ref: change.base, build_head: null }),
      updated_at: context.now(),
    })
    .where('uuid', '=', pull.uuid)
    .execute();
  return follow(context, pull.uuid);
}

export async function closePull(context: Context, pull: Pull, by: Actor): Promise<Pull | null> {
  await hosted(context, pull.repository_uuid);
  if (pull.state === 'merged') throw notOpen(pull);
  if (pull.state === 'open') await close(context, pull, by.email, null);
  return readPull(context, pull.uuid);
}

/** Throws `conflict` where its branch is gone, or another one of the same branches is open. */
export async function reopenPull(context: Context, pull: Pull): Promise<Pull | null> {
  await hosted(context, pull.repository_uuid);
  if (pull.state === 'merged') throw notOpen(pull);
  if (pull.state === 'open') return pull;
  const history = context.git.history(pull.repository_uuid);
  if ((await history.head(pull.head_ref)) === null) {
    throw new SluiceError('conflict', `The branch ${pull.head_ref} is gone.`, {
      reason: 'branch_gone',
      remedy: 'Push it again first.',
    });
  }
  await context.store.db
    .updateTable('pull_requests')
    .set({ state: 'open', ended_by: null, ended_at: null, build_head: null })
    .where('uuid', '=', pull.uuid)
    .execute();
  return follow(context, pull.uuid);
}

async function hosted({ git }: Context, repositoryUuid: string): Promise<Repository> {
  const repository = await git.get(repositoryUuid);
  if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
  if (isHosted(repository)) return repository;
  throw new SluiceError('conflict', 'The repository is elsewhere, and its pull requests too.', {
    reason: 'outside',
    remedy: `Open and change them at ${repository.url ?? 'its host'}; Sluice follows.`,
  });
}

async function nextNumber(trx: Trx, repositoryUuid: string): Promise<number> {
  const row = await trx
    .selectFrom('pull_requests')
    .select(({ fn }) => fn.max<number | null>('number').as('number'))
    .where('repository_uuid', '=', repositoryUuid)
    .executeTakeFirst();
  return (row?.number ?? 0) + 1;
}

type Given = Pick<
  Pull,
  | 'uuid'
  | 'repository_uuid'
  | 'provider'
  | 'number'
  | 'title'
  | 'description'
  | 'author_uuid'
  | 'author_id'
  | 'author_login'
  | 'head_ref'
  | 'head_sha'
  | 'base_ref'
  | 'base_sha'
  | 'draft'
> &
  Partial<Pick<Pull, 'url' | 'head_repository' | 'is_fork'>>;

/** A row about which nothing is known yet but what was given. */
export function newRow({ at, ...given }: Given & { readonly at: string }): Pull {
  return {
    ...{ url: null, head_repository: null, is_fork: 0 },
    ...{ state: 'open', mergeability: 'unknown', conflicts: '[]', merge_sha: null },
    ...{ approval: 'none', approved_by: null },
    ...{ build_request: null, build_head: null, build_sha: null },
    ...{ build_id: null, build_state: null },
    ...{ build_reason: null, merge_when_green: null, merging_sha: null, merged_sha: null },
    ...{ merge_method: null, ended_by: null, ended_at: null, told_deployment: null },
    ...{ created_at: at, updated_at: at },
    ...given,
  };
}

function checkTitle(text: string): string {
  const title = text.trim();
  if (title === '') throw bad('title', 'Give it a title.');
  if (/\p{Cc}/u.test(title)) throw bad('title', 'Control characters are not allowed.');
  return title.slice(0, LONGEST_TITLE);
}

function checkDescription(text: string): string {
  if (text.includes('\0')) throw bad('description', 'NUL is not allowed.');
  if (text.length > LONGEST_DESCRIPTION) {
    throw bad('description', `Use at most ${LONGEST_DESCRIPTION} characters.`);
  }
  return text;
}

const bad = (field: string, text: string) =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });

const notOpen = (pull: Pull) =>
  new SluiceError('conflict', `Pull request ${pull.number} is ${pull.state}.`, {
    reason: 'not_open',
  });
