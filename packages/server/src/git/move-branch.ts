import { SluiceError } from '../errors.ts';
import { isSha } from './names.ts';
import type { GitProcesses } from './process.ts';
import type { Pushes } from './pushes.ts';
import { ABSENT } from './types.ts';

export interface MoveDeps {
  readonly git: GitProcesses;
  readonly pushes: Pushes;
  readonly path: (repositoryUuid: string) => string;
}

export interface BranchMove {
  readonly repositoryUuid: string;
  readonly branch: string;
  /** Null: there is no such branch yet. */
  readonly from: string | null;
  /** Null: the branch goes. */
  readonly to: string | null;
  readonly pusherUuid: string;
}

/**
 * Moves a branch of a hosted repository forward, or removes it, by the same policy and with the same record as a push. A crash before
 * it moves leaves objects that nothing names, which maintenance removes; one after it is what a server that dies during
 * a push leaves, and is recorded at the next start.
 *
 * Throws `invalid` (`push_refused`), and `conflict` (`branch_moved`) when it is not at `from` any more.
 */
export async function moveBranch(deps: MoveDeps, move: BranchMove): Promise<void> {
  const { git, pushes } = deps;
  const { repositoryUuid, branch, from, to, pusherUuid } = move;
  const repository = deps.path(repositoryUuid);
  const ref = `refs/heads/${branch}`;
  const token = pushes.begin({ repositoryUuid, pusherUuid, canForce: false });
  try {
    const request = {
      token,
      repositoryUuid,
      updates: [{ ref, before: from ?? ABSENT, after: to ?? ABSENT, fastForward: true }],
      options: [],
    };
    const { accepted, lines } = await pushes.preReceive(request);
    if (!accepted) throw refusedPush(lines);
    const words = to === null ? ['-d', ref] : [ref, to];
    const { status, stderr } = await git.run(['update-ref', ...words, from ?? ABSENT], {
      repository,
      statuses: [0, 1, 128],
    });
    if (status !== 0) {
      const now = await readHead(git, repository, ref);
      if (now !== from) throw branchMoved(branch, now);
      throw refusedPush([`git could not move the branch: ${stderr.trim()}`]);
    }
    await pushes.postReceive(request);
  } finally {
    pushes.end(token);
  }
}

/** The commit that a full reference name leads to; null when there is none. */
export async function readHead(
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

export const refusedPush = (lines: readonly string[]) =>
  new SluiceError('invalid', lines.join(' '), {
    reason: 'push_refused',
    fields: { branch: lines },
  });

export const branchMoved = (branch: string, head: string | null) =>
  new SluiceError(
    'conflict',
    head === null
      ? `The branch ${branch} is not there.`
      : `The branch ${branch} is at ${head.slice(0, 12)} by now.`,
    { reason: 'branch_moved', remedy: 'Look at what it holds and try again.' },
  );
