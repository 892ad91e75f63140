import { SluiceError } from '../../errors.ts';
import type { GitProcesses } from '../process.ts';
import type { DiffFile, PullDiff } from './types.ts';

const MOST_FILES = 300;
const MOST_LINES = 20_000;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_OF_A_FILE = 256 * 1024;
const STATUSES: Readonly<Record<string, string>> = {
  ...{ A: 'added', C: 'copied', D: 'deleted', M: 'modified' },
  ...{ R: 'renamed', T: 'type_changed' },
};
/** Nothing of the repository's own attributes may run a program or fetch anything. */
const PLAIN = ['--no-color', '--no-ext-diff', '--no-textconv', '--find-renames', '--full-index'];

type File = Omit<DiffFile, 'patch'>;

/** What `head` changed since it left `base` (three dots), within limits that a page can show. */
export async function pullDiff(
  git: GitProcesses,
  repository: string,
  base: string,
  head: string,
): Promise<PullDiff> {
  const { status, stdout } = await git.run(['merge-base', '--end-of-options', base, head], {
    repository,
    statuses: [0, 1],
  });
  const mergeBase = status === 0 ? stdout.toString('utf8').trim() : null;
  if (mergeBase === null) return { mergeBase, files: [], count: 0, truncated: false };
  const range = ['--end-of-options', mergeBase, head, '--'];
  const raw = await git.run(['diff', ...PLAIN, '--raw', '--numstat', '-z', ...range], {
    repository,
  });
  const files = readNumbers(raw.stdout.toString('utf8'));
  const shown = files.slice(0, MOST_FILES);
  const lines = shown.reduce((sum, file) => sum + (file.additions ?? 0) + (file.deletions ?? 0), 0);
  const patches =
    lines > MOST_LINES
      ? new Map<number, string>()
      : await readPatches(git, repository, range, shown.length);
  const answer = shown.map((file, index): DiffFile => {
    const patch = patches.get(index) ?? null;
    return { ...file, patch: file.additions === null ? null : patch };
  });
  const truncated =
    files.length > shown.length ||
    answer.some(({ patch, additions }) => patch === null && additions !== null);
  return { mergeBase, files: answer, count: files.length, truncated };
}

/** `--raw --numstat -z`: first every file with its status, then every file with its numbers, both in one order. */
function readNumbers(text: string): File[] {
  const words = text.split('\0');
  const statuses: { status: string; paths: string[] }[] = [];
  let at = 0;
  for (let word = words[at]; word?.startsWith(':') === true; word = words[at]) {
    const letter = word.split(' ')[4]?.[0] ?? 'M';
    const count = letter === 'R' || letter === 'C' ? 2 : 1;
    statuses.push({
      status: STATUSES[letter] ?? 'modified',
      paths: words.slice(at + 1, at + 1 + count),
    });
    at += 1 + count;
  }
  return statuses.map(({ status, paths }) => {
    const [added = '-', deleted = '-', path = ''] = (words[at] ?? '').split('\t');
    // A rename has its two names in words of their own.
    at += path === '' ? 3 : 1;
    const isBinary = added === '-';
    return {
      path: paths.at(-1) ?? '',
      previousPath: paths.length === 2 ? (paths[0] ?? null) : null,
      status,
      additions: isBinary ? null : Number(added),
      deletions: isBinary ? null : Number(deleted),
    };
  });
}

/** The text of each file's change by its place in the list; those that are too large are left out. */
async function readPatches(
  git: GitProcesses,
  repository: string,
  range: readonly string[],
  most: number,
): Promise<Map<number, string>> {
  const patches = new Map<number, string>();
  let text: string;
  try {
    text = await git.text(['diff', ...PLAIN, ...range], { repository, maxBytes: MOST_BYTES });
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'too_large') return patches;
    throw error;
  }
  const sections = text.split(/^diff --git .*\n/m).slice(1);
  for (const [index, section] of sections.slice(0, most).entries()) {
    const begin = section.search(/^@@ /m);
    const patch = begin < 0 ? '' : section.slice(begin).replace(/\n$/, '');
    if (Buffer.byteLength(patch) <= MOST_BYTES_OF_A_FILE) patches.set(index, patch);
  }
  return patches;
}
