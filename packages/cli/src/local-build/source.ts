import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gitIn } from './git.ts';
import { type WorkingTree, writeTree } from './working-tree.ts';

/** A commit that jobs can clone. */
export interface Source {
  readonly sha: string;
  readonly message: string;
  /** Not the commit that is checked out: the working tree differs from it. */
  readonly isChanged: boolean;
}

export interface SourceRequest {
  readonly tree: WorkingTree;
  /** The bare repository to make; its parent must exist. Jobs see it read-only. */
  readonly path: string;
  readonly branch: string;
  readonly tag: string | null;
  /** Commits of history behind it; null for all. */
  readonly depth: number | null;
  readonly environment: NodeJS.ProcessEnv;
}

/** For commits of a person whose git knows no name. */
const NAME = { name: 'Sluice', email: 'sluice@localhost' };

/**
 * Makes a bare repository whose branch is the working tree as it is now: the commit that is checked out where nothing
 * has changed, else a commit on top of it. The user's repository is only read.
 */
export async function makeSource(request: SourceRequest): Promise<Source> {
  const { tree, path, environment } = request;
  const scratch = join(path, 'scratch');
  const bare = gitIn(path, environment);
  await mkdir(path, { mode: 0o755 });
  // The job may run under another id: what it clones must be readable for others.
  await bare([
    'init',
    '--quiet',
    '--bare',
    '--shared=0644',
    '--template=',
    `--initial-branch=${request.branch}`,
    path,
  ]);
  await mkdir(scratch);
  const head = tree.repository?.head ?? null;
  if (head !== null) await fetchHistory(request, head);
  const target = { objects: join(path, 'objects'), scratch };
  const plainFolder = tree.repository === null ? path : null;
  const files = await writeTree(tree.root, environment, target, { known: head, plainFolder });

  const isChanged =
    head === null || files !== (await bare(['rev-parse', '--verify', `${head}^{tree}`]));
  const sha = isChanged ? await commit(request, files, head) : head;
  await bare(['update-ref', `refs/heads/${request.branch}`, sha]);
  if (request.tag !== null) await bare(['update-ref', `refs/tags/${request.tag}`, sha]);
  return { sha, message: messageOf(tree, isChanged), isChanged };
}

async function fetchHistory(request: SourceRequest, head: string): Promise<void> {
  const { tree, depth, environment } = request;
  await gitIn(
    request.path,
    environment,
  )([
    'fetch',
    '--quiet',
    ...(depth === null ? ['--update-shallow'] : [`--depth=${depth}`]),
    '--',
    pathToFileURL(tree.root).href,
    `${head}:refs/sluice/head`,
  ]);
}

function messageOf(tree: WorkingTree, isChanged: boolean): string {
  const message = tree.repository?.message ?? '';
  return isChanged && message === '' ? 'The working tree' : message;
}

/** The message of the commit below is kept, for conditions ask about it. */
async function commit(request: SourceRequest, files: string, parent: string | null) {
  const { tree, environment } = request;
  const own = gitIn(tree.root, environment);
  const [name, email] = await Promise.all(
    ['user.name', 'user.email'].map((key) => own(['config', key]).catch(() => '')),
  );
  const identity = {
    GIT_AUTHOR_NAME: name || NAME.name,
    GIT_AUTHOR_EMAIL: email || NAME.email,
    GIT_COMMITTER_NAME: name || NAME.name,
    GIT_COMMITTER_EMAIL: email || NAME.email,
  };
  const parents = parent === null ? [] : ['-p', parent];
  const message = messageOf(tree, true);
  return gitIn(request.path, environment)(
    ['commit-tree', files, ...parents, '-m', message],
    identity,
  );
}
