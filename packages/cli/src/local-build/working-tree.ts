import { copyFile, stat, utimes } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { asked, type Git, gitIn } from './git.ts';

/** The folder whose files a local build runs on. */
export interface WorkingTree {
  /** Its top, absolute: what a job finds as its clone. */
  readonly root: string;
  /** Null where the folder belongs to no repository. */
  readonly repository: {
    /** The commit that is checked out; null before the first. */
    readonly head: string | null;
    readonly message: string;
  } | null;
  /** The branch that is checked out, `main` where there is none. */
  readonly branch: string;
  /** The branch that its remote regards as the main one, else `main` where there is one. */
  readonly defaultBranch: string | null;
  /** `organisation/application` of its remote, or `local/<folder>`. */
  readonly slug: string;
}

/** Looks at the repository around `directory`, or at the plain folder. Changes nothing. */
export async function findWorkingTree(
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<WorkingTree> {
  const git = gitIn(directory, environment);
  const root = await asked(git, 'rev-parse', '--show-toplevel');
  if (root === null || root === '') {
    const folder = resolve(directory);
    return {
      root: folder,
      repository: null,
      branch: 'main',
      defaultBranch: null,
      slug: localSlug(folder),
    };
  }
  const [head, message, branch, remoteMain, main, url] = await Promise.all([
    asked(git, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    asked(git, 'log', '-1', '--format=%B', '--end-of-options', 'HEAD'),
    asked(git, 'symbolic-ref', '--quiet', '--short', 'HEAD'),
    asked(git, 'symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'),
    asked(git, 'rev-parse', '--verify', '--quiet', 'refs/heads/main'),
    asked(git, 'remote', 'get-url', 'origin'),
  ]);
  return {
    root,
    repository: { head, message: (message ?? '').trimEnd() },
    branch: branch ?? 'main',
    defaultBranch: remoteMain?.replace(/^origin\//, '') ?? (main === null ? null : 'main'),
    slug: slugOf(url) ?? localSlug(root),
  };
}

/** `organisation/application` at the end of a remote's address. */
export function slugOf(url: string | null): string | null {
  const path = url?.replace(/\/+$/, '').replace(/\.git$/, '');
  const found = /[:/]([\w.-]+)\/([\w.-]+)$/.exec(path ?? '');
  if (found === null || /^\.+$/.test(found[1] ?? '') || /^\.+$/.test(found[2] ?? '')) return null;
  return `${found[1]}/${found[2]}`;
}

function localSlug(root: string): string {
  return `local/${basename(root).replaceAll(/[^\w.-]/g, '-') || 'project'}`;
}

export interface TreeTarget {
  /** Where new objects go; the user's repository is only read. */
  readonly objects: string;
  /** A folder for temporary index files. */
  readonly scratch: string;
}

/**
 * Writes the files of a working tree as a git tree and returns its id: uncommitted changes and new files included,
 * ignored ones not. It uses an index and an object directory of its own, so that nothing in the repository changes.
 * Submodules that are checked out come in as plain files, for their uncommitted state is nowhere to be cloned from.
 *
 * `known` is a commit whose objects the target has already. `plainFolder` names a repository to use where the folder
 * has none.
 */
export async function writeTree(
  root: string,
  environment: NodeJS.ProcessEnv,
  target: TreeTarget,
  { known = null, plainFolder = null }: { known?: string | null; plainFolder?: string | null } = {},
): Promise<string> {
  const git = gitIn(root, environment);
  const index = join(target.scratch, `index-${crypto.randomUUID()}`);
  const place: Record<string, string> = { GIT_INDEX_FILE: index };
  if (plainFolder === null) {
    // A copy of the real index saves git reading every file, and knows what a sparse check-out leaves out.
    const own = await git(['rev-parse', '--git-path', 'index']);
    await copyIndex(resolve(root, own), index);
    place['GIT_OBJECT_DIRECTORY'] = target.objects;
    const objects = resolve(root, await git(['rev-parse', '--git-path', 'objects']));
    place['GIT_ALTERNATE_OBJECT_DIRECTORIES'] = quoted(objects);
  } else {
    place['GIT_DIR'] = plainFolder;
    place['GIT_WORK_TREE'] = root;
  }
  await git([...CAREFUL, 'add', '--all', '--', '.'], place);
  await takeInSubmodules(root, environment, target, git, place);
  const tree = await git(['write-tree'], place);
  if (plainFolder === null) {
    // What git has stored before, by `git add` or on another branch, it has not written again.
    const wanted = [tree, ...(known === null ? [] : [`^${known}`]), ''].join('\n');
    const pack = ['pack-objects', '--revs', '--non-empty', '--quiet', '--delta-base-offset'];
    await git([...CAREFUL, ...pack, join(target.objects, 'pack', 'pack')], place, wanted);
  }
  return tree;
}

/**
 * By the time of its index git knows which files may have changed in the very moment after it was written, and looks
 * into them. A copy that was younger would make it miss such a change.
 */
async function copyIndex(own: string, copy: string): Promise<void> {
  const written = await stat(own).catch(() => null);
  if (written === null) return;
  await copyFile(own, copy);
  const second = Math.floor(written.mtimeMs / 1000);
  await utimes(copy, second, second);
}

/** Settings under which git writes nothing next to the real index, and what it writes can be read by the job. */
const CAREFUL = [
  ...['-c', 'core.bare=false'],
  ...['-c', 'core.fsmonitor=false'],
  ...['-c', 'core.splitIndex=false'],
  ...['-c', 'core.untrackedCache=false'],
  ...['-c', 'core.sharedRepository=0644'],
  ...['-c', 'core.safecrlf=false'],
  ...['-c', 'advice.addEmbeddedRepo=false'],
];

async function takeInSubmodules(
  root: string,
  environment: NodeJS.ProcessEnv,
  target: TreeTarget,
  git: Git,
  place: Record<string, string>,
): Promise<void> {
  const entries = (await git(['ls-files', '--stage', '-z'], place)).split('\0');
  for (const entry of entries) {
    if (!entry.startsWith('160000 ')) continue;
    const path = entry.slice(entry.indexOf('\t') + 1);
    const folder = join(root, path);
    if (!(await stat(join(folder, '.git')).catch(() => null))) continue;
    const tree = await writeTree(folder, environment, target);
    await git([...CAREFUL, 'update-index', '--force-remove', '--', path], place);
    await git([...CAREFUL, 'read-tree', `--prefix=${path}/`, tree], place);
  }
}

/** A path in git's list of object directories; quoted, it may hold the colon that separates them. */
function quoted(path: string): string {
  return /[:"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path;
}
