/** Why a push makes no build; each has a sentence below. `pushes.outcome` holds the code. */
export type Refusal =
  | 'ci_off'
  | 'pushes_off'
  | 'deleted'
  | 'not_a_branch_or_tag'
  | 'commit_missing'
  | 'commit_skipped'
  | 'no_configuration'
  | 'branch_excluded'
  | 'condition_false'
  | 'repository_gone'
  | 'unreadable';

export const REFUSALS: Readonly<Record<Refusal, string>> = {
  ci_off: 'CI is off for this repository.',
  pushes_off: 'The settings of this repository leave pushes out.',
  deleted: 'The branch or tag was deleted.',
  not_a_branch_or_tag: 'Only branches and tags are built.',
  commit_missing: 'The commit is no longer in the repository.',
  commit_skipped: 'The commit message asks to skip CI.',
  no_configuration: 'The commit has no .travis.yml.',
  branch_excluded: 'The `branches` of .travis.yml leave this branch or tag out.',
  condition_false: 'The `if` of .travis.yml is false for this push.',
  repository_gone: 'The repository does not exist any more.',
  unreadable: 'The repository could not be read.',
};

export interface PushedRef {
  readonly kind: 'branch' | 'tag';
  readonly name: string;
}

/** The branch or tag of a full reference name; null for anything else (`refs/pull/...`, `refs/notes/...`). */
export function pushedRef(ref: string): PushedRef | null {
  const match = /^refs\/(heads|tags)\/(.+)$/s.exec(ref);
  if (match?.[2] === undefined) return null;
  return { kind: match[1] === 'heads' ? 'branch' : 'tag', name: match[2] };
}

/** What is wrong with a push before its commit is looked at; null when nothing is. */
export function refuseUnseen(push: {
  readonly ref: string;
  readonly after: string;
  readonly ciEnabled: boolean;
}): Refusal | null {
  if (isAbsent(push.after)) return 'deleted';
  if (pushedRef(push.ref) === null) return 'not_a_branch_or_tag';
  return push.ciEnabled ? null : 'ci_off';
}

/** True for the all-zero hash that stands for "no commit". */
export function isAbsent(sha: string): boolean {
  return /^0+$/.test(sha);
}
