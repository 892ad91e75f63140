import { SluiceError } from '../errors.ts';
import { isRefName, isSha } from './names.ts';
import type { GitProcesses } from './process.ts';
import type { Pushes } from './pushes.ts';
import { assertWritablePath, writeTree } from './tree.ts';
import { ABSENT, type NewCommit, type Repository } from './types.ts';

export interface CommitDeps {
  readonly git: GitProcesses;
  readonly pushes: Pushes;
  readonly path: (repositoryUuid: string) => string;
}

/**
 * Makes one commit on top of a branch of a hosted repository and moves the branch to it, by the same policy and with the
 * same record as a push. Answers its SHA.
 *
 * A crash before the branch moves leaves objects that nothing names, which maintenance removes; one after it is what a
 * server that dies during a push leaves, and is recorded at the next start.
 *
 * Throws `forbidden` (a mirror), `invalid` (no such branch name or path, nothing changed), and `conflict`
 * `branch_moved` when the branch is not where `expected` says, or moves meanwhile.
 */
export async function commitFiles(
  deps: CommitDeps,
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
  if (!isRefName(wanted.branch)) throw badBranch(['This is no name for a branch.']);
  for (const path of wanted.files.keys()) assertWritablePath(path);
  const { git, pushes } = deps;
  const at = deps.path(repository.uuid);
  const ref = `refs/heads/${wanted.branch}`;
  const head = await readHead(git, at, ref);
  if (wanted.expected !== undefined && wanted.expected !== head) throw moved(wanted.branch, head);

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

  const token = pushes.begin({
    repositoryUuid: repository.uuid,
    pusherUuid: wanted.pusherUuid,
    canForce: false,
  });
  try {
    const request = {
      token,
      repositoryUuid: repository.uuid,
      updates: [{ ref, before: head ?? ABSENT, after: sha, fastForward: true }],
      options: [],
    };
    const { accepted, lines } = await pushes.preReceive(request);
    if (!accepted) throw badBranch(lines);
    const { status, stderr } = await git.run(['update-ref', ref, sha, head ?? ABSENT], {
      repository: at,
      statuses: [0, 1, 128],
    });
    if (status !== 0) {
      const now = await readHead(git, at, ref);
      if (now !== head) throw moved(wanted.branch, now);
      throw badBranch([`git could not move the branch: ${stderr.trim()}`]);
    }
    await pushes.postReceive(request);
  } finally {
    pushes.end(token);
  }
  return sha;
}

async function readHead(
  git: GitProcesses,
  repository: string,
  ref: string,
): Promise<string | null> {
  const { stdout } = await git.run(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], {
    repository,
    statuses: [0, 1, 128],
  });
  const sha = stdout.toString('utf8').trim();
  return isSha(sha) ? sha : null;
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

const badBranch = (lines: readonly string[]) =>
  new SluiceError('invalid', lines.join(' '), {
    reason: 'push_refused',
    fields: { branch: lines },
  });

const moved = (branch: string, head: string | null) =>
  new SluiceError(
    'conflict',
    head === null
      ? `The branch ${branch} is not there.`
      : `The branch ${branch} is at ${head.slice(0, 12)} by now.`,
    { reason: 'branch_moved', remedy: 'Look at what it holds and try again.' },
  );
