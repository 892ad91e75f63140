import { SluiceError } from '../../errors.ts';
import { branchMoved, type MoveDeps, moveBranch, readHead } from '../move-branch.ts';
import { readCommit, readCommits } from '../objects.ts';
import type { Person } from '../person.ts';
import type { CommitInfo } from '../types.ts';
import { mergeTree, pickTree } from './merge-tree.ts';
import type { PullMerge } from './types.ts';

const MOST_REBASED = 250;

/** See `PullGit.merge`. */
export async function mergePull(
  deps: MoveDeps,
  repositoryUuid: string,
  merge: PullMerge,
): Promise<string> {
  const { git } = deps;
  const repository = deps.path(repositoryUuid);
  const now = await readHead(git, repository, `refs/heads/${merge.branch}`);
  if (now !== merge.base) throw branchMoved(merge.branch, now);
  const to =
    merge.method === 'rebase'
      ? await rebased(deps, repository, merge)
      : await merged(deps, repository, merge);
  await merge.announce(to);
  await moveBranch(deps, {
    repositoryUuid,
    branch: merge.branch,
    from: merge.base,
    to,
    pusherUuid: merge.pusherUuid,
  });
  return to;
}

async function merged(deps: MoveDeps, repository: string, merge: PullMerge): Promise<string> {
  const { base, head, message, committer, method } = merge;
  const result = await mergeTree(deps.git, repository, base, head);
  if (result.kind !== 'clean') throw conflicting(result.kind === 'conflicts' ? result.paths : []);
  const author =
    method === 'squash' ? (await readCommit(deps.git, repository, head))?.author : undefined;
  const parents = method === 'squash' ? [base] : [base, head];
  return writeCommit(deps, repository, result.tree, parents, {
    message,
    author: author ?? committer,
    committer,
  });
}

/** Each commit again, on top of the base. A head that stands on the base already is taken as it is. */
async function rebased(deps: MoveDeps, repository: string, merge: PullMerge): Promise<string> {
  const { git } = deps;
  const { base, head, committer } = merge;
  const range = await git.text(
    [
      ...['rev-list', '--reverse', '--topo-order', '--parents', `--max-count=${MOST_REBASED + 1}`],
      ...['--end-of-options', head, `^${base}`, '--'],
    ],
    { repository },
  );
  const lines = range.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw nothing();
  if (lines.length > MOST_REBASED) {
    throw new SluiceError('conflict', `More than ${MOST_REBASED} commits cannot be rebased here.`, {
      reason: 'too_many_commits',
      remedy: 'Merge or squash instead.',
    });
  }
  const picks = lines.map((line) => line.split(' '));
  if (picks.some((words) => words.length !== 2)) {
    throw new SluiceError('conflict', 'It contains merge commits, which a rebase would lose.', {
      reason: 'merge_commits',
      remedy: 'Merge or squash instead.',
    });
  }
  if (picks[0]?.[1] === base) return head;
  const infos = new Map(
    (
      await readCommits(
        git,
        repository,
        picks.map(([sha = '']) => sha),
      )
    ).map((info) => [info.sha, info]),
  );
  let onto = base;
  for (const [sha = '', parent = ''] of picks) {
    const result = await pickTree(git, repository, onto, sha, parent);
    if (result.kind !== 'clean') throw conflicting(result.kind === 'conflicts' ? result.paths : []);
    const same = result.tree === (await git.text(['rev-parse', `${onto}^{tree}`], { repository }));
    // Its change is on the base already.
    if (same) continue;
    const info = infos.get(sha);
    if (info === undefined) throw new Error(`${sha} cannot be read`);
    onto = await writeCommit(deps, repository, result.tree, [onto], {
      message: info.message,
      author: info.author,
      committer,
      authoredAt: info.authoredAt,
    });
  }
  if (onto === base) throw nothing();
  return onto;
}

interface CommitText {
  readonly message: string;
  readonly author: Person;
  readonly committer: Person;
  readonly authoredAt?: CommitInfo['authoredAt'];
}

async function writeCommit(
  { git }: MoveDeps,
  repository: string,
  tree: string,
  parents: readonly string[],
  { message, author, committer, authoredAt }: CommitText,
): Promise<string> {
  return git.text(
    ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'],
    {
      repository,
      input: `${message.replace(/\s+$/, '')}\n`,
      env: {
        ...names('AUTHOR', author),
        ...names('COMMITTER', committer),
        ...(authoredAt === undefined ? {} : { GIT_AUTHOR_DATE: authoredAt }),
      },
    },
  );
}

/** git refuses an empty name, and people may have none. */
const names = (role: 'AUTHOR' | 'COMMITTER', { name, email }: Person) => ({
  [`GIT_${role}_NAME`]: name.trim() === '' ? email : name,
  [`GIT_${role}_EMAIL`]: email,
});

export const conflicting = (paths: readonly string[]) =>
  new SluiceError(
    'conflict',
    paths.length === 0
      ? 'The two branches cannot be merged.'
      : `Both sides changed ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ' and more' : ''}.`,
    {
      reason: 'merge_conflicts',
      remedy: 'Merge the base into the branch, resolve the conflicts there and push.',
    },
  );

const nothing = () =>
  new SluiceError('conflict', 'The base has all of its changes already.', {
    reason: 'nothing_to_merge',
  });
