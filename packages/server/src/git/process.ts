import { type ChildProcess, spawn } from 'node:child_process';
import { SluiceError } from '../errors.ts';

export interface GitOptions {
  /** Bare repository; git is never run with a work tree it finds by itself. */
  readonly repository?: string;
  readonly input?: string | Uint8Array;
  /** Default 60 s; the process and its children are killed. */
  readonly timeoutMs?: number;
  /** Of stdout; default 64 MiB. */
  readonly maxBytes?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit statuses that are an answer, not an error; default only 0. */
  readonly statuses?: readonly number[];
}

export interface GitResult {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitProcesses {
  /** Runs git to its end. Throws `unavailable` (no git, time-out), `too_large`, or `internal` with git's words. */
  run(args: readonly string[], options?: GitOptions): Promise<GitResult>;
  /** stdout as text, without the newline at its end. */
  text(args: readonly string[], options?: GitOptions): Promise<string>;
  /** Starts git in a process group of its own with the scrubbed environment; the caller owns the streams. */
  spawn(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** Kills the process groups that still run. */
  killAll(): void;
}

export interface GitProcessesOptions {
  /** Default `git`. */
  readonly executable?: string | undefined;
  /** PATH of every git process. */
  readonly searchPath?: string | undefined;
  /** An empty directory: nobody's `.gitconfig`, `.netrc` or `.ssh` takes part. */
  readonly home: string;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LONGEST_STDERR = 16 * 1024;

/** Given on each call instead of written into repositories: an upgrade changes it everywhere at once. */
const CONFIG: readonly (readonly [string, string])[] = [
  // Repositories restored from a backup may belong to another user id.
  ['safe.directory', '*'],
  ['protocol.ext.allow', 'never'],
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'false'],
  ['core.fsync', 'committed,reference'],
  ['core.fsmonitor', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['i18n.logOutputEncoding', 'UTF-8'],
];

/** Configuration for one call, as environment: nothing to quote, and it reaches git's own children. */
export function configEnvironment(
  extra: readonly (readonly [string, string])[] = [],
): Record<string, string> {
  const all = [...CONFIG, ...extra];
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(all.length) };
  for (const [index, [key, value]] of all.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

export function createGitProcesses(options: GitProcessesOptions): GitProcesses {
  const executable = options.executable ?? 'git';
  const running = new Set<ChildProcess>();
  const base: Readonly<Record<string, string>> = {
    PATH: options.searchPath ?? DEFAULT_PATH,
    HOME: options.home,
    XDG_CONFIG_HOME: options.home,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    SSH_ASKPASS: '/bin/false',
    // No transport at all unless a fetch names the ones it needs.
    GIT_ALLOW_PROTOCOL: '',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_COMMITTER_NAME: 'Sluice',
    GIT_COMMITTER_EMAIL: 'sluice@localhost',
    ...configEnvironment(),
  };

  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const child = spawn(executable, [...args], {
      cwd: '/',
      env: { ...base, ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    const forget = () => running.delete(child);
    child.once('close', forget);
    child.once('error', forget);
    return child;
  };

  const run = (args: readonly string[], given: GitOptions = {}): Promise<GitResult> =>
    new Promise((resolve, reject) => {
      const full =
        given.repository === undefined ? args : [`--git-dir=${given.repository}`, ...args];
      const { timeoutMs = 60_000, maxBytes = 64 * 1024 * 1024, statuses = [0] } = given;
      const child = start(full, given.env);
      const out: Buffer[] = [];
      let size = 0;
      let stderr = '';
      let failure: SluiceError | null = null;
      const abandon = (error: SluiceError) => {
        failure ??= error;
        killGroup(child);
      };
      const timer = setTimeout(() => abandon(timedOut(args, timeoutMs)), timeoutMs);
      child.stdout?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) {
          abandon(
            new SluiceError('too_large', `git ${args[0]} answered more than ${maxBytes} bytes.`),
          );
        } else out.push(chunk);
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        if (stderr.length < LONGEST_STDERR) stderr += text;
      });
      child.on('error', (error) => {
        clearTimeout(timer);
        reject(explainSpawn(error, executable));
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        const status = code ?? 128;
        if (failure !== null) reject(failure);
        else if (statuses.includes(status) && code !== null) {
          resolve({ status, stdout: Buffer.concat(out), stderr });
        } else reject(gitFailed(args, status, stderr));
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(given.input);
    });

  return {
    run,
    text: async (args, given) =>
      (await run(args, given)).stdout.toString('utf8').replace(/\n$/, ''),
    spawn: start,
    killAll: () => {
      for (const child of running) killGroup(child);
    },
  };
}

/** git's helpers (`git-remote-https`, `ssh`, hooks) die with it. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

export function explainSpawn(error: NodeJS.ErrnoException, executable: string): SluiceError {
  if (error.code === 'ENOENT') {
    return new SluiceError('unavailable', `The program ${executable} was not found.`, {
      reason: 'git_missing',
      remedy: 'Install git (on Debian: apt-get install git) and start Sluice again.',
      cause: error,
    });
  }
  return new SluiceError('unavailable', `git could not be started: ${error.message}`, {
    reason: 'git_failed',
    cause: error,
  });
}

function timedOut(args: readonly string[], timeoutMs: number): SluiceError {
  return new SluiceError('unavailable', `git ${args[0]} took longer than ${timeoutMs / 1000} s.`, {
    reason: 'git_timeout',
  });
}

function gitFailed(args: readonly string[], status: number, stderr: string): SluiceError {
  const words = stderr.trim().split('\n').slice(-5).join('\n') || `exit status ${status}`;
  return new SluiceError('internal', `git ${args[0]} failed: ${words}`, { reason: 'git_failed' });
}
