import { isSha } from './names.ts';
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
  const nested: string[] = [];
  for (const line of text.split('\n')) {
    const [ref = '', sha = '', type, target = '', targetType] = line.split('\0');
    if (ref === '') continue;
    if (type === 'commit') refs.set(ref, { sha, commitSha: sha });
    else if (targetType === 'commit') refs.set(ref, { sha, commitSha: target });
    else {
      refs.set(ref, { sha, commitSha: null });
      if (targetType === 'tag') nested.push(sha);
    }
  }
  // Tags of tags: for-each-ref looks through one only.
  const peeled = await peelAll(git, repository, nested);
  for (const [ref, { sha, commitSha }] of refs) {
    if (commitSha === null) refs.set(ref, { sha, commitSha: peeled.get(sha) ?? null });
  }
  return refs;
}

/** The commit that an object names, through any number of tags; null when it names none or is not there. */
export async function peel(
  git: GitProcesses,
  repository: string,
  object: string,
): Promise<string | null> {
  return (await peelAll(git, repository, [object])).get(object) ?? null;
}

/** As `peel`, for any number of objects (40 hex digits each) with one process. */
export async function peelAll(
  git: GitProcesses,
  repository: string,
  objects: readonly string[],
): Promise<Map<string, string>> {
  const commits = new Map<string, string>();
  const asked = [...new Set(objects)].filter(isSha);
  if (asked.length === 0) return commits;
  const answer = await git.text(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    repository,
    input: asked.map((object) => `${object}^{commit}\n`).join(''),
  });
  for (const [index, line] of answer.split('\n').entries()) {
    const [sha = '', type] = line.split(' ');
    const object = asked[index];
    if (type === 'commit' && object !== undefined) commits.set(object, sha);
  }
  return commits;
}
