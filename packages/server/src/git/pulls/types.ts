import type { Person } from '../person.ts';

/** What merging a head into a base would come to. */
export type MergeResult =
  /** The merge commit that was made for it; the same base and head always give the same one. */
  | { readonly kind: 'clean'; readonly sha: string }
  /** The head's commits are on the base already. */
  | { readonly kind: 'merged' }
  | { readonly kind: 'conflicts'; readonly paths: readonly string[] }
  /** The two have no commit in common. */
  | { readonly kind: 'unrelated' };

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface PullMerge {
  readonly branch: string;
  /** Where the branch and the pull request stood when the person, or the build, looked at them. */
  readonly base: string;
  readonly head: string;
  readonly method: MergeMethod;
  /** Of the merge or squash commit. */
  readonly message: string;
  /** Who merges; a squash commit keeps the author of the head. */
  readonly committer: Person;
  readonly pusherUuid: string;
  /** Called with the commit that the branch is about to be moved to, so that a crash in between can be told. */
  readonly announce: (sha: string) => Promise<void>;
}

export interface DiffFile {
  readonly path: string;
  /** Before it was renamed or copied; null: it kept its name. */
  readonly previousPath: string | null;
  /** added | deleted | modified | renamed | copied | type_changed */
  readonly status: string;
  /** Null for a binary file. */
  readonly additions: number | null;
  readonly deletions: number | null;
  /** Unified diff without its heading lines; null: binary, or too large to be shown. */
  readonly patch: string | null;
}

export interface PullDiff {
  /** The commit that the two have in common last; what `head` added since is the diff. */
  readonly mergeBase: string | null;
  readonly files: readonly DiffFile[];
  /** How many files there are; `files` holds the first of them. */
  readonly count: number;
  readonly truncated: boolean;
}

/** What pull requests need of a repository on disk. */
export interface PullGit {
  /** Merges in memory, and keeps head and result as `refs/pull/<number>/{head,merge}`. */
  prepare(
    repositoryUuid: string,
    pull: { readonly number: number; readonly base: string; readonly head: string },
  ): Promise<MergeResult>;
  /**
   * Moves a hosted branch to what the method makes of the pull request, the way of a push; answers the new head.
   * Throws `conflict` (`branch_moved`, `merge_conflicts`, `merge_commits`, `nothing_to_merge`), `invalid` (`push_refused`).
   */
  merge(repositoryUuid: string, merge: PullMerge): Promise<string>;
  /** Removes the branch of one that is merged, the way of a push, unless it has moved on. Throws as `merge`. */
  deleteBranch(
    repositoryUuid: string,
    branch: { readonly name: string; readonly head: string; readonly pusherUuid: string },
  ): Promise<void>;
  diff(repositoryUuid: string, base: string, head: string): Promise<PullDiff>;
  /** Forgets the merge result of one that is closed; its head stays readable. */
  drop(repositoryUuid: string, number: number): Promise<void>;
}
