import { isSha } from '../names.ts';
import type { GitProcesses } from '../process.ts';

export type MergedTree =
  | { readonly kind: 'clean'; readonly tree: string }
  | { readonly kind: 'conflicts'; readonly paths: readonly string[] }
  | { readonly kind: 'unrelated' };

/** Merges two commits without a work tree, as `git merge` would. Nothing in the repository changes but new objects. */
export async function mergeTree(
  git: GitProcesses,
  repository: string,
  ours: string,
  theirs: string,
): Promise<MergedTree> {
  const { status, stdout, stderr } = await git.run(
    [
      ...['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages'],
      ...['--end-of-options', ours, theirs],
    ],
    { repository, statuses: [0, 1, 128] },
  );
  const [tree = '', ...rest] = stdout.toString('utf8').split('\0');
  if (status === 0 && isSha(tree)) return { kind: 'clean', tree };
  if (status === 1 && isSha(tree)) {
    return { kind: 'conflicts', paths: [...new Set(rest.filter((path) => path !== ''))] };
  }
  if (/unrelated histories/.test(stderr)) return { kind: 'unrelated' };
  throw new Error(`git merge-tree failed: ${stderr.trim()}`);
}

/** The tree that a commit's change gives on top of another commit. */
export async function pickTree(
  git: GitProcesses,
  repository: string,
  onto: string,
  commit: string,
  parent: string,
): Promise<MergedTree> {
  // git 2.39 takes no merge base by name. A commit with `onto`'s tree whose only parent is the picked commit's parent
  // makes that the merge base.
  const stand = await git.text(['commit-tree', `${onto}^{tree}`, '-p', parent], {
    repository,
    input: 'stand-in\n',
    env: { GIT_AUTHOR_NAME: 'Sluice', GIT_AUTHOR_EMAIL: 'sluice@localhost' },
  });
  return mergeTree(git, repository, stand, commit);
}
