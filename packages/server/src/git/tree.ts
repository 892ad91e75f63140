import { SluiceError } from '../errors.ts';
import { assertPathInCommit, isSha } from './names.ts';
import type { GitProcesses } from './process.ts';

/** A regular file of a commit. */
export interface FileEntry {
  readonly path: string;
  readonly sizeBytes: number;
}

interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
}

/** A folder of files to write: names with a text or a folder of their own. */
type Folder = Map<string, string | Folder>;

const LARGEST_READ_BYTES = 1024 * 1024;
const LARGEST_LISTING_BYTES = 16 * 1024 * 1024;

/** Regular files of a commit, by path; links and submodules are left out. Empty when there is no such commit. */
export async function listFiles(
  git: GitProcesses,
  repository: string,
  sha: string,
): Promise<FileEntry[]> {
  if (!isSha(sha)) return [];
  const { status, stdout } = await git.run(['ls-tree', '-r', '-l', '-z', '--full-tree', sha], {
    repository,
    statuses: [0, 128],
    maxBytes: LARGEST_LISTING_BYTES,
  });
  if (status !== 0) return [];
  const files: FileEntry[] = [];
  for (const line of stdout.toString('utf8').split('\0')) {
    const [, size, path] = /^100\d{3} blob [0-9a-f]{40} +(\d+)\t(.*)$/s.exec(line) ?? [];
    if (size !== undefined && path !== undefined) files.push({ path, sizeBytes: Number(size) });
  }
  return files;
}

/** Texts of several files by one git process. Left out: what is no regular file of UTF-8 text below 1 MiB. */
export async function readFiles(
  git: GitProcesses,
  repository: string,
  sha: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const there = new Map((await listFiles(git, repository, sha)).map((file) => [file.path, file]));
  const asked = paths.filter(
    (path) => !path.includes('\n') && (there.get(path)?.sizeBytes ?? Infinity) < LARGEST_READ_BYTES,
  );
  const texts = new Map<string, string>();
  if (asked.length === 0) return texts;
  const { stdout } = await git.run(['cat-file', '--batch=%(objectsize)'], {
    repository,
    input: asked.map((path) => `${sha}:${path}\n`).join(''),
  });
  let offset = 0;
  for (const path of asked) {
    const end = stdout.indexOf(10, offset);
    const size = Number(stdout.subarray(offset, end).toString('latin1'));
    if (end < 0 || !Number.isInteger(size)) break;
    const text = decode(stdout.subarray(end + 1, end + 1 + size));
    if (text !== null) texts.set(path, text);
    offset = end + 1 + size + 1;
  }
  return texts;
}

function decode(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Throws `invalid` for a path that git would refuse, or that would write into a `.git` on somebody's machine. */
export function assertWritablePath(path: string): void {
  assertPathInCommit(path);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be refused
  const bad = /[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff\\]/.test(path);
  const isGit = path.split('/').some((part) => /^(\.git|git~\d+)[. ]*$/i.test(part));
  if (!bad && !isGit && Buffer.byteLength(path) <= 1_000) return;
  throw new SluiceError('invalid', `Not a path for a file: ${JSON.stringify(path)}.`, {
    fields: { files: [`${JSON.stringify(path)} cannot be the path of a file.`] },
  });
}

/**
 * The tree of `base` (a commit; null: nothing) with these files added or replaced, as git's own objects. Answers its
 * SHA. A file keeps whether it can be executed. No index file takes part, so a crash leaves none.
 */
export async function writeTree(
  git: GitProcesses,
  repository: string,
  base: string | null,
  files: ReadonlyMap<string, string>,
): Promise<string> {
  const root: Folder = new Map();
  for (const [path, text] of files) put(root, path.split('/'), text);
  const start =
    base === null ? null : await git.text(['rev-parse', `${base}^{tree}`], { repository });
  return writeFolder(git, repository, start, root);
}

function put(folder: Folder, [name = '', ...rest]: readonly string[], text: string): void {
  if (rest.length === 0) {
    folder.set(name, text);
    return;
  }
  const there = folder.get(name);
  const below: Folder = there instanceof Map ? there : new Map();
  folder.set(name, below);
  put(below, rest, text);
}

async function writeFolder(
  git: GitProcesses,
  repository: string,
  base: string | null,
  folder: Folder,
): Promise<string> {
  const entries = base === null ? new Map() : await readTree(git, repository, base);
  for (const [name, content] of folder) {
    const there: TreeEntry | undefined = entries.get(name);
    if (content instanceof Map) {
      const below = there?.type === 'tree' ? there.sha : null;
      const sha = await writeFolder(git, repository, below, content);
      entries.set(name, { mode: '040000', type: 'tree', sha });
    } else {
      const sha = await git.text(['hash-object', '-w', '--stdin'], { repository, input: content });
      const mode = there?.mode === '100755' ? '100755' : '100644';
      entries.set(name, { mode, type: 'blob', sha });
    }
  }
  const input = [...entries].map(
    ([name, { mode, type, sha }]) => `${mode} ${type} ${sha}\t${name}\0`,
  );
  return git.text(['mktree', '-z'], { repository, input: input.join('') });
}

async function readTree(
  git: GitProcesses,
  repository: string,
  tree: string,
): Promise<Map<string, TreeEntry>> {
  const { stdout } = await git.run(['ls-tree', '-z', tree], { repository });
  const entries = new Map<string, TreeEntry>();
  for (const line of stdout.toString('utf8').split('\0')) {
    const [, mode, type, sha, name] = /^(\d{6}) (\w+) ([0-9a-f]{40})\t(.*)$/s.exec(line) ?? [];
    if (mode && type && sha && name !== undefined) entries.set(name, { mode, type, sha });
  }
  return entries;
}
