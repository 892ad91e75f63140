import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files of a commit, by path; `null` deletes. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>;

/**
 * A real repository with a work tree, for tests. Commit dates are one minute apart from a fixed start, so
 * the same calls make the same hashes; nothing of the user's own git configuration takes part.
 */
export interface TestRepository {
  /** The work tree; with `bare`, the repository itself. */
  readonly path: string;
  /** Runs git in it and answers stdout without the last newline. Throws with git's stderr when it fails. */
  git(...args: string[]): Promise<string>;
  /** As `git`, but answers everything and never throws for an exit status. */
  tryGit(...args: string[]): Promise<GitOutcome>;
  /** Commits on the branch that is checked out; without files, an empty commit. Answers the SHA. */
  commit(message: string, files?: Files): Promise<string>;
  /** Makes a branch (at HEAD or `from`) and checks it out. */
  branch(name: string, from?: string): Promise<void>;
  checkout(name: string): Promise<void>;
  /** Merges `name` into the branch that is checked out, always with a merge commit. Answers the SHA. */
  merge(name: string, message?: string): Promise<string>;
  /** An annotated tag when a message is given. Answers the commit it names. */
  tag(name: string, message?: string): Promise<string>;
  sha(revision?: string): Promise<string>;
  /** Pushes refspecs (default: the branch that is checked out) and answers stderr, `remote: ` lines and all. */
  push(url: string, ...refspecs: string[]): Promise<string>;
  remove(): Promise<void>;
}

export interface GitOutcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RepositoryOptions {
  /** Where to make it; default: a fresh temporary directory. */
  readonly path?: string;
  /** Default `main`. */
  readonly branch?: string;
  readonly bare?: boolean;
}

const START_SECONDS = 1_700_000_000;

export async function createRepository(options: RepositoryOptions = {}): Promise<TestRepository> {
  const path = options.path ?? (await mkdtemp(join(tmpdir(), 'sluice-repository-')));
  await mkdir(path, { recursive: true });
  const kind = options.bare === true ? ['--bare'] : [];
  await git(path, ['init', '-q', '-b', options.branch ?? 'main', ...kind]);
  return repositoryAt(path);
}

/** Clones `url` into a fresh temporary directory; `args` such as `--depth=1` go before it. */
export async function cloneRepository(url: string, ...args: string[]): Promise<TestRepository> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-clone-'));
  await git(tmpdir(), ['clone', '-q', ...args, '--', url, path]);
  return repositoryAt(path);
}

/** Handles a repository that is there already. */
export function repositoryAt(path: string): TestRepository {
  let ticks = 0;

  const tryGit = (...args: string[]) => runGit(path, args, undefined, dated(START_SECONDS + ticks));
  const run = (...args: string[]) => git(path, args, undefined, dated(START_SECONDS + ticks));
  const sha = (revision = 'HEAD') => run('rev-parse', '--verify', `${revision}^{commit}`);

  return {
    path,
    git: run,
    tryGit,
    sha,
    commit: async (message, files = {}) => {
      ticks += 60;
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        if (content === null) {
          await rm(file, { recursive: true, force: true });
        } else {
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, content);
        }
      }
      await run('add', '--all');
      await run('commit', '-q', '--allow-empty', '--cleanup=verbatim', '-m', message);
      return sha();
    },
    branch: async (name, from = 'HEAD') => {
      await run('checkout', '-q', '-b', name, from);
    },
    checkout: async (name) => {
      await run('checkout', '-q', name);
    },
    merge: async (name, message = `Merge ${name}`) => {
      ticks += 60;
      await run('merge', '-q', '--no-ff', '-m', message, name);
      return sha();
    },
    tag: async (name, message) => {
      await run('tag', ...(message === undefined ? [] : ['-a', '-m', message]), name);
      return sha(name);
    },
    push: async (url, ...refspecs) => {
      const outcome = await tryGit('push', url, ...(refspecs.length === 0 ? ['HEAD'] : refspecs));
      if (outcome.status !== 0) throw new Error(`git push: ${outcome.stderr}`);
      return outcome.stderr;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/**
 * Adds a line of `count` empty commits to `branch` in seconds (`git fast-import`), for tests of speed.
 * Every `mergeEvery`-th of them merges a side commit. Answers the branch's new head.
 */
export async function growHistory(
  repository: TestRepository,
  branch: string,
  count: number,
  mergeEvery = 0,
): Promise<string> {
  const lines: string[] = [];
  const exists = (await repository.tryGit('rev-parse', '--verify', '-q', `refs/heads/${branch}`))
    .status;
  let mark = 0;
  let previous = exists === 0 ? `refs/heads/${branch}^0` : '';
  const add = (ref: string, from: string, merged = '') => {
    mark += 1;
    const message = `commit ${mark}`;
    lines.push(`commit ${ref}`, `mark :${mark}`);
    lines.push(`committer Test <test@example.com> ${START_SECONDS + mark} +0000`);
    lines.push(`data ${message.length}`, message);
    if (from !== '') lines.push(`from ${from}`);
    if (merged !== '') lines.push(`merge ${merged}`);
    lines.push('');
    return `:${mark}`;
  };
  for (let index = 1; index <= count; index += 1) {
    if (mergeEvery > 0 && previous !== '' && index % mergeEvery === 0) {
      const side = add('refs/heads/grow-side', previous);
      lines.push('reset refs/heads/grow-side', '');
      previous = add(`refs/heads/${branch}`, previous, side);
    } else {
      previous = add(`refs/heads/${branch}`, previous);
    }
  }
  await git(repository.path, ['fast-import', '--quiet', '--force'], `${lines.join('\n')}\n`);
  await repository.tryGit('update-ref', '-d', 'refs/heads/grow-side');
  return repository.git('rev-parse', `refs/heads/${branch}`);
}

async function git(
  cwd: string,
  args: readonly string[],
  input?: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  const { status, stdout, stderr } = await runGit(cwd, args, input, env);
  if (status !== 0) throw new Error(`git ${args.join(' ')} (status ${status}): ${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** Runs git without the user's configuration and without ever asking for a password. */
export function runGit(
  cwd: string,
  args: readonly string[],
  input?: string,
  env: NodeJS.ProcessEnv = {},
): Promise<GitOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        status: code ?? 128,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return {
    PATH,
    HOME: tmpdir(),
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Test Author',
    GIT_AUTHOR_EMAIL: 'author@example.com',
    GIT_COMMITTER_NAME: 'Test Committer',
    GIT_COMMITTER_EMAIL: 'committer@example.com',
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'protocol.file.allow',
    GIT_CONFIG_VALUE_0: 'always',
    GIT_CONFIG_KEY_1: 'gc.auto',
    GIT_CONFIG_VALUE_1: '0',
  };
}

function dated(seconds: number): NodeJS.ProcessEnv {
  return { GIT_AUTHOR_DATE: `${seconds} +0000`, GIT_COMMITTER_DATE: `${seconds} +0000` };
}
