import { SluiceError } from '../errors.ts';
import { assertPathInCommit, isSha } from './names.ts';
import type { GitProcesses } from './process.ts';
import type { CommitInfo } from './types.ts';

const LONGEST_FILE_BYTES = 10 * 1024 * 1024;
const LONGEST_MESSAGE_BYTES = 1024 * 1024;
const PLACEHOLDERS = ['%H', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'];
const FIELDS = PLACEHOLDERS.join('%x00');
const FIELD_COUNT = PLACEHOLDERS.length;

/**
 * The text of a regular file at a commit. Null when there is no such file, also for directories, submodules and
 * symbolic links (a link could name anything). Throws `invalid` for a path that leaves the repository, `too_large`.
 */
export async function readFile(
  git: GitProcesses,
  repository: string,
  sha: string,
  path: string,
): Promise<string | null> {
  assertPathInCommit(path);
  if (!isSha(sha)) return null;
  const { status, stdout } = await git.run(['ls-tree', '-z', '-l', sha, '--', path], {
    repository,
    env: { GIT_LITERAL_PATHSPECS: '1' },
    statuses: [0, 128],
  });
  const entry = /^100\d{3} blob ([0-9a-f]{40}) +(\d+)\t/.exec(stdout.toString('utf8'));
  const blob = entry?.[1];
  if (status !== 0 || blob === undefined) return null;
  if (Number(entry?.[2]) > LONGEST_FILE_BYTES) {
    throw new SluiceError('too_large', `${path} is larger than ${LONGEST_FILE_BYTES} bytes.`);
  }
  const file = await git.run(['cat-file', 'blob', blob], { repository });
  return file.stdout.toString('utf8');
}

/** Null when the repository has no such commit; an annotated tag's SHA answers its commit. */
export async function readCommit(
  git: GitProcesses,
  repository: string,
  sha: string,
): Promise<CommitInfo | null> {
  if (!isSha(sha)) return null;
  const { status, stdout } = await git.run(
    [
      ...['log', '-1', '--no-show-signature', '--no-patch', '--no-notes', '--no-mailmap'],
      ...[`--format=${FIELDS}`, '--end-of-options', `${sha}^{commit}`, '--'],
    ],
    { repository, statuses: [0, 128], maxBytes: 16 * LONGEST_MESSAGE_BYTES },
  );
  if (status !== 0) return null;
  return toCommit(stdout.toString('utf8').split('\0'));
}

/** As {@link readCommit} for many, in their order; those that are not commits here are left out. */
export async function readCommits(
  git: GitProcesses,
  repository: string,
  shas: readonly string[],
): Promise<CommitInfo[]> {
  const wanted = shas.filter(isSha);
  if (wanted.length === 0) return [];
  const { stdout } = await git.run(
    [
      ...['log', '--no-walk=unsorted', '--ignore-missing', '-z', `--format=${FIELDS}`, '--stdin'],
      ...['--no-show-signature', '--no-patch', '--no-notes', '--no-mailmap'],
    ],
    { repository, input: `${wanted.join('\n')}\n`, maxBytes: 256 * LONGEST_MESSAGE_BYTES },
  );
  const fields = stdout.toString('utf8').split('\0');
  const commits: CommitInfo[] = [];
  // No field holds a NUL, so each commit is exactly as many pieces.
  for (let at = 0; at + FIELD_COUNT <= fields.length; at += FIELD_COUNT) {
    commits.push(toCommit(fields.slice(at, at + FIELD_COUNT)));
  }
  return commits;
}

function toCommit(fields: readonly string[]): CommitInfo {
  const [hash = '', parents = '', an = '', ae = '', at = '', cn = '', ce = '', ct = ''] = fields;
  const message = fields.slice(8).join('\0').replace(/\n+$/, '').slice(0, LONGEST_MESSAGE_BYTES);
  return {
    sha: hash,
    parents: parents === '' ? [] : parents.split(' '),
    subject: message.split('\n', 1)[0] ?? '',
    message,
    author: { name: an, email: ae },
    committer: { name: cn, email: ce },
    authoredAt: at,
    committedAt: ct,
  };
}
