import { SluiceError } from '../errors.ts';
import { conflicting } from '../git/pulls/merge.ts';
import type { MergeMethod } from '../git/pulls/types.ts';
import type { Repository } from '../git/types.ts';
import { type Actor, type Context, isHosted, type Pull, readPull, writePull } from './context.ts';
import { follow, markMerged } from './follow.ts';
import { type PullSettings, readSettings } from './settings.ts';

export interface MergeWish {
  /** Absent: as the repository's settings say. */
  readonly method?: MergeMethod;
  /** The head that whoever asks has looked at; absent: whatever it is. */
  readonly head?: string;
  /** Of the merge or squash commit. */
  readonly message?: string;
  /** Wait for the build where it has not passed yet. */
  readonly whenGreen?: boolean;
}

interface Waiting extends Omit<MergeWish, 'whenGreen'> {
  readonly by: Actor;
}

/**
 * Merges a pull request of a hosted repository, or remembers to do so once its build has passed. Throws `conflict`:
 * `not_open`, `outside`, `draft`, `head_moved`, `merge_conflicts`, `not_green`, `base_moved`, `branch_moved`.
 */
export async function mergePullRequest(
  context: Context,
  uuid: string,
  wish: MergeWish,
  by: Actor,
): Promise<Pull | null> {
  const pull = await follow(context, uuid);
  const repository = pull === null ? null : await context.git.get(pull.repository_uuid);
  if (pull === null || repository === null) return null;
  refuseUnmergeable(repository, pull, wish);
  const settings = await readSettings(context, repository);
  const green = greenness(repository, pull, settings);
  if (green !== 'yes') {
    if (wish.whenGreen !== true || green === 'no') {
      throw green === 'stale' ? baseMoved(pull) : notGreen(pull, green);
    }
    const { method, head, message } = wish;
    const waiting: Waiting = {
      ...{ by, head: head ?? pull.head_sha },
      ...(method === undefined ? {} : { method }),
      ...(message === undefined ? {} : { message }),
    };
    await writePull(context, pull, { merge_when_green: JSON.stringify(waiting) });
    // Asks for a build of the merge with today's base, where the last one is of an older base.
    return follow(context, uuid);
  }
  const method = wish.method ?? settings.mergeMethod;
  const message = wish.message ?? defaultMessage(pull, method);
  await perform(context, repository, pull, method, { message, by });
  if (settings.deleteBranch) await deleteBranch(context, pull, by);
  return readPull(context, uuid);
}

/** Merges what was asked to be merged when it is green, if it is now. What keeps it from that is written on it. */
export async function mergeIfGreen(
  context: Context,
  uuid: string,
  say: (text: string) => Promise<unknown>,
): Promise<void> {
  const pull = await readPull(context, uuid);
  if (pull === null || pull.state !== 'open' || pull.merge_when_green === null) return;
  if (pull.build_state === null || ['requested', 'unfinished'].includes(pull.build_state)) return;
  const { by, ...wish } = JSON.parse(pull.merge_when_green) as Waiting;
  try {
    // The base may have moved during the build: then it is tested again, and waits again.
    await mergePullRequest(context, uuid, { ...wish, whenGreen: true }, by);
  } catch (error) {
    // A base that was pushed to in this moment: `follow` comes again with that push.
    if (!(error instanceof SluiceError) || error.code === 'unavailable') throw error;
    if (error.reason === 'branch_moved') throw error;
    await writePull(context, pull, { merge_when_green: null });
    await say(`Not merged, as ${by.email} had asked for: ${error.message}`);
  }
}

function refuseUnmergeable(repository: Repository, pull: Pull, wish: MergeWish): void {
  if (pull.state !== 'open') {
    throw refusal('not_open', `Pull request ${pull.number} is ${pull.state}.`);
  }
  if (!isHosted(repository)) {
    throw refusal(
      'outside',
      'Its repository is elsewhere.',
      `Merge it at ${pull.url ?? 'its host'}.`,
    );
  }
  if (pull.draft === 1) {
    throw refusal('draft', 'It is a draft.', 'Mark it as ready first.');
  }
  if (wish.head !== undefined && wish.head !== pull.head_sha) {
    throw refusal(
      'head_moved',
      `Its branch is at ${pull.head_sha.slice(0, 12)} by now.`,
      'Look at what was pushed and try again.',
    );
  }
  if (pull.mergeability === 'conflicts') throw conflicting(JSON.parse(pull.conflicts) as string[]);
  if (pull.mergeability !== 'clean') throw conflicting([]);
}

/** `stale`: its build passed, with a base that has moved since. */
type Greenness = 'yes' | 'not_yet' | 'stale' | 'no';

/** Pure: whether its build lets it be merged. */
export function greenness(
  repository: Pick<Repository, 'ciEnabled'>,
  pull: Pick<
    Pull,
    'build_state' | 'build_head' | 'build_sha' | 'head_sha' | 'merge_sha' | 'approval'
  >,
  { requireGreen, requireCurrent }: Pick<PullSettings, 'requireGreen' | 'requireCurrent'>,
): Greenness {
  if (requireGreen === 'off') return 'yes';
  const state = pull.build_head === pull.head_sha ? pull.build_state : null;
  if (state === 'passed') {
    return requireCurrent && pull.build_sha !== pull.merge_sha ? 'stale' : 'yes';
  }
  if (requireGreen === 'auto') {
    // Where the CI service makes no build there is nothing to wait for.
    if (!repository.ciEnabled || state === 'refused') return 'yes';
  }
  if (state === null || state === 'requested' || state === 'unfinished') return 'not_yet';
  return 'no';
}

async function perform(
  context: Context,
  repository: Repository,
  pull: Pull,
  method: MergeMethod,
  { message, by }: { readonly message: string; readonly by: Actor },
): Promise<void> {
  const { git } = context;
  const sha = await git.pulls.merge(repository.uuid, {
    ...{ branch: pull.base_ref, base: pull.base_sha, head: pull.head_sha, method, message },
    committer: { name: by.name, email: by.email },
    pusherUuid: by.userUuid,
    // From here on a crash leaves enough to tell that this push was the merge.
    announce: (to) =>
      writePull(context, pull, { merging_sha: to, merge_method: method, ended_by: by.email }),
  });
  const announced = await readPull(context, pull.uuid);
  if (announced === null || announced.state !== 'open') return;
  await markMerged(context, announced, { sha, head: pull.head_sha, base: sha });
}

/** Others may still want it: a protected branch, or one that was pushed to meanwhile, stays. */
async function deleteBranch({ git, onError }: Context, pull: Pull, by: Actor): Promise<void> {
  const { repository_uuid: repository, head_ref: name, head_sha: head } = pull;
  await git.pulls
    .deleteBranch(repository, { name, head, pusherUuid: by.userUuid })
    .catch((error: unknown) => {
      if (!(error instanceof SluiceError)) onError(error, `deleting the branch ${name}`);
    });
}

function defaultMessage(pull: Pull, method: MergeMethod): string {
  const body = pull.description.trim() === '' ? '' : `\n\n${pull.description.trim()}`;
  if (method === 'squash') return `${pull.title} (#${pull.number})${body}`;
  return `Merge pull request #${pull.number} from ${pull.head_ref}\n\n${pull.title}`;
}

const baseMoved = (pull: Pull) =>
  refusal(
    'base_moved',
    `${pull.base_ref} has moved since its build: what would be merged was not tested.`,
    'Have it tested again, or ask to have it merged when it is green: that tests it again first.',
  );

function notGreen(pull: Pull, green: Greenness): SluiceError {
  const text =
    green === 'no'
      ? `Its build ${pull.build_state === 'refused' ? 'was not made' : (pull.build_state ?? '')}.`
      : pull.approval === 'awaiting'
        ? 'Its build awaits an approval.'
        : 'Its build has not passed yet.';
  const remedy =
    green === 'no'
      ? 'Push a correction, or restart the build if it was bad luck.'
      : 'Wait for it, or ask to have it merged when it is green.';
  return refusal('not_green', text, remedy);
}

const refusal = (reason: string, text: string, remedy?: string) =>
  new SluiceError('conflict', text, { reason, ...(remedy === undefined ? {} : { remedy }) });
