import { SluiceError } from '../errors.ts';
import { branchMoved, type MoveDeps, moveBranch, readHead, refusedPush } from './move-branch.ts';
import { isRefName } from './names.ts';
import type { GitProcesses } from './process.ts';
import { assertWritablePath, writeTree } from './tree.ts';
import type { NewCommit, Repository } from './types.ts';

/**
 * Makes one commit on top of a branch of a hosted repository and moves the branch to it, by the same policy and with the
 * same record as a push. Answers its SHA.
 *
 * Throws `forbidden` (a mirror), `invalid` (no such branch name or path, nothing changed), and `conflict`
 * `branch_moved` when the branch is not where `expected` says, or moves meanwhile.
 */
export async function commitFiles(
  deps: MoveDeps,
  repository: Repository,
  wanted: NewCommit,
): Promise<string> {
  if (repository.kind === 'mirror') {
    throw new SluiceError(
      'forbidden',
      `${repository.slug} is a mirror; push to ${repository.url}.`,
      { reason: 'mirror' },
    );
  }
  if (!isRefName(wanted.branch)) throw refusedPush(['This is no name for a branch.']);
  for (const path of wanted.files.keys()) assertWritablePath(path);
  const { git } = deps;
  const at = deps.path(repository.uuid);
  const ref = `refs/heads/${wanted.branch}`;
  const head = await readHead(git, at, ref);
  if (wanted.expected !== undefined && wanted.expected !== head)
    throw branchMoved(wanted.branch, head);

  const tree = await writeTree(git, at, head, wanted.files);
  if (
    head !== null &&
    tree === (await git.text(['rev-parse', `${head}^{tree}`], { repository: at }))
  ) {
    throw new SluiceError(
      'invalid',
      'The files are like that already; there is nothing to commit.',
      {
        reason: 'nothing_to_commit',
      },
    );
  }
  const sha = await writeCommit(git, at, tree, head, wanted);

  await moveBranch(deps, {
    repositoryUuid: repository.uuid,
    branch: wanted.branch,
    from: head,
    to: sha,
    pusherUuid: wanted.pusherUuid,
  });
  return sha;
}

async function writeCommit(
  git: GitProcesses,
  repository: string,
  tree: string,
  parent: string | null,
  { message, author }: NewCommit,
): Promise<string> {
  // git refuses an empty name, and people may have none.
  const name = author.name.trim() === '' ? author.email : author.name;
  const sha = await git.text(
    ['commit-tree', tree, ...(parent === null ? [] : ['-p', parent]), '-F', '-'],
    {
      repository,
      input: `${message.replace(/\s+$/, '')}\n`,
      env: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: author.email,
      },
    },
  );
  return sha;
}
