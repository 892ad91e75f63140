import type { GitProcesses } from './process.ts';

/** A ref on disk: the object it holds, and the commit that names (null for a tree or a blob). */
export interface RefState {
  readonly sha: string;
  readonly commitSha: string | null;
}

const FORMAT = '%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)';

/** All branches and tags of a bare repository, by full name. */
export async function readRefs(
  git: GitProcesses,
  repository: string,
): Promise<Map<string, RefState>> {
  const text = await git.text(['for-each-ref', `--format=${FORMAT}`, 'refs/heads/', 'refs/tags/'], {
    repository,
    maxBytes: 512 * 1024 * 1024,
  });
  const refs = new Map<string, RefState>();
  for (const line of text.split('\n')) {
    const [ref = '', sha = '', type, target = '', targetType] = line.split('\0');
    if (ref === '') continue;
    if (type === 'commit') refs.set(ref, { sha, commitSha: sha });
    else if (targetType === 'commit') refs.set(ref, { sha, commitSha: target });
    else if (targetType === 'tag')
      refs.set(ref, { sha, commitSha: await peel(git, repository, sha) });
    else refs.set(ref, { sha, commitSha: null });
  }
  return refs;
}

/** The commit that an object names, through any number of tags; null when it names none or is not there. */
export async function peel(
  git: GitProcesses,
  repository: string,
  object: string,
): Promise<string | null> {
  const { status, stdout } = await git.run(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${object}^{commit}`],
    { repository, statuses: [0, 1, 128] },
  );
  return status === 0 ? stdout.toString('utf8').trim() : null;
}
