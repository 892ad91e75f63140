import { execFile } from 'node:child_process';
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { holdsCredential } from './environment.ts';

const run = promisify(execFile);

/** The files of one job, below the runner's work directory. */
export interface JobTree {
  root: string;
  home: string;
  temporary: string;
  script: string;
}

const OWNER = 'owner';

export async function createTree(jobsDir: string, name: string): Promise<JobTree> {
  const root = await mkdtemp(join(jobsDir, `${name}-`));
  await writeFile(join(root, OWNER), String(process.pid));
  const tree = {
    root,
    home: join(root, 'home'),
    temporary: join(root, 'tmp'),
    script: join(root, 'job.sh'),
  };
  await mkdir(tree.home);
  // Whatever our own umask: bubblewrap enters it before it becomes the job's user.
  await chmod(tree.home, 0o755);
  await mkdir(tree.temporary, { mode: 0o1777 });
  return tree;
}

/** Copies package managers' settings into a job's home. What holds a password is only for trusted builds. */
export async function copySettings(
  home: string,
  jobHome: string,
  files: readonly string[],
  trusted: boolean,
): Promise<void> {
  for (const file of files) {
    const content = await readFile(join(home, file), 'utf8').catch(() => null);
    if (content === null || (!trusted && holdsCredential(content))) continue;
    await mkdir(dirname(join(jobHome, file)), { recursive: true });
    await copyFile(join(home, file), join(jobHome, file));
  }
}

/** A tree with more entries, such as a virtualenv, is quicker given away by a program of its own. */
const FEW_ENTRIES = 50;

/** Gives everything to the id under which the job runs. Only for directories that no job has touched yet. */
export async function giveTo(uid: number, ...paths: string[]): Promise<void> {
  const few = await entriesOf(paths);
  if (few === null) await run('chown', ['-R', '-h', `${uid}:${uid}`, '--', ...paths]);
  else await Promise.all(few.map((path) => lchown(path, uid, uid)));
}

/** The paths with everything below them; null when that is a lot. */
async function entriesOf(paths: readonly string[]): Promise<string[] | null> {
  const found = [...paths];
  for (let at = 0; at < found.length; at++) {
    if (found.length > FEW_ENTRIES) return null;
    const path = found[at] ?? '';
    const entries = (await lstat(path)).isDirectory() ? await readdir(path) : [];
    found.push(...entries.map((name) => join(path, name)));
  }
  return found;
}

/** Removes a job's files, also directories that it made unwritable for their owner. */
export async function removeTree(root: string): Promise<void> {
  try {
    await rm(root, { recursive: true, force: true });
  } catch {
    await run('chmod', ['-R', 'u+rwX', '--', root]).catch(() => undefined);
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What a runner that was killed left behind. Its jobs died with it; only their files are still there. */
export async function removeAbandoned(jobsDir: string): Promise<void> {
  for (const name of await readdir(jobsDir).catch(() => [])) {
    const root = join(jobsDir, name);
    const owner = Number(await readFile(join(root, OWNER), 'utf8').catch(() => '0'));
    if (owner > 0 && owner !== process.pid && isAlive(owner)) continue;
    await removeTree(root).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Empties a cache that has grown too large: simpler than choosing, and it only costs the next job some downloads. */
export async function boundCache(directory: string, limitBytes: number): Promise<void> {
  const entries = await readdir(directory).catch(() => []);
  if (entries.length === 0) return;
  const { stdout } = await run('du', ['-sb', '--', directory]).catch(() => ({ stdout: '0' }));
  if (Number.parseInt(stdout, 10) > limitBytes) await removeTree(directory);
}
