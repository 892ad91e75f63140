import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommitPlan } from './storm.ts';

/** A real repository in a temporary directory with all commits of a storm, of which nothing is pushed yet. */
export interface StormRepository {
  /** Full SHA of a commit by its name, and the name by its SHA. */
  sha(name: string): string;
  name(sha: string): string | null;
  /** Names of each commit's parents, as git tells them. */
  parents(): Promise<Map<string, string[]>>;
  /** Throws with git's words. */
  push(remote: GitRemote, name: string, branch: string, force: boolean): Promise<void>;
  remove(): Promise<void>;
}

export interface GitRemote {
  readonly url: string;
  readonly token: string;
}

/** The time of the first commit, in seconds: the same storm makes the same commits. */
const EPOCH = 1_700_000_000;

export async function createStormRepository(
  commits: readonly CommitPlan[],
): Promise<StormRepository> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-simulate-'));
  await git(path, ['init', '-q', '--bare', '-b', 'main']);
  await git(path, ['fast-import', '--quiet', '--export-marks=marks'], { input: script(commits) });
  const names = new Map<string, string>();
  const shas = new Map<string, string>();
  for (const commit of commits) {
    const sha = await git(path, ['rev-parse', `refs/storm/${commit.name}`]);
    names.set(sha, commit.name);
    shas.set(commit.name, sha);
  }
  const sha = (name: string): string => {
    const found = shas.get(name);
    if (found === undefined) throw new Error(`there is no commit ${name}`);
    return found;
  };
  return {
    sha,
    name: (text) => names.get(text) ?? null,
    parents: async () => {
      const text = await git(path, ['rev-list', '--parents', '--glob=refs/storm/*']);
      const rows = text.split('\n').map((line) => line.split(' ').map((one) => names.get(one)));
      return new Map(
        rows.map((row) => {
          const [commit = '', ...parents] = row.map((one) => one ?? '');
          return [commit, parents];
        }),
      );
    },
    push: async (remote, name, branch, force) => {
      const header = `Authorization: Basic ${btoa(`sluice:${remote.token}`)}`;
      const refspec = `${force ? '+' : ''}${sha(name)}:refs/heads/${branch}`;
      const means = force ? ['-o', 'force'] : [];
      await git(path, ['push', '-q', ...means, remote.url, refspec], { header });
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** For `git fast-import`: every commit at once, whatever their number. */
function script(commits: readonly CommitPlan[]): string {
  const lines: string[] = [];
  const marks = new Map(commits.map((commit, index) => [commit.name, `:${index + 1}`]));
  for (const [index, commit] of commits.entries()) {
    const [first, ...others] = commit.parents.map((parent) => marks.get(parent) ?? '');
    lines.push(`commit refs/storm/${commit.name}`, `mark :${index + 1}`);
    lines.push(`committer Sluice <simulate@localhost> ${EPOCH + index} +0000`);
    lines.push(...data(commit.name));
    if (first !== undefined) lines.push(`from ${first}`);
    lines.push(...others.map((mark) => `merge ${mark}`), 'deleteall');
    for (const [file, text] of Object.entries(files(commit)))
      lines.push(`M 100644 inline ${file}`, ...data(text));
  }
  return lines.map((line) => `${line}\n`).join('');
}

const data = (text: string) => [`data ${Buffer.byteLength(text)}`, text];

/** A page that names its commit, tests that take their time, and a release command where the storm wants one. */
function files(commit: CommitPlan): Record<string, string> {
  const test = `sleep ${commit.testMs / 1_000}; ${commit.passes ? 'true' : 'false'}`;
  const release = `sleep ${commit.deployMs / 1_000}; ${commit.deploys ? 'true' : 'false'}`;
  const hasRelease = commit.deployMs > 0 || !commit.deploys;
  return {
    'index.html': `${commit.name}\n`,
    '.travis.yml': `language: generic\nscript: "${test}"\n`,
    ...(hasRelease ? { Procfile: `release: ${release}\n` } : {}),
  };
}

interface GitOptions {
  readonly input?: string;
  /** A header of the requests, by the environment: an argument would show in the list of processes. */
  readonly header?: string;
}

function git(path: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const environment = {
    PATH: process.env['PATH'],
    HOME: path,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...(options.header === undefined
      ? {}
      : {
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: 'http.extraHeader',
          GIT_CONFIG_VALUE_0: options.header,
        }),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...args],
      { cwd: path, env: environment, maxBuffer: 2 ** 26, timeout: 120_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trimEnd());
        else reject(new Error(`git ${args[0]}: ${stderr.trim() || error.message}`));
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
