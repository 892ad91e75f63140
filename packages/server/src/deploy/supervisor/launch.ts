import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ProgramSpec } from './types.ts';

/**
 * Records who it is (its own line of `/proc`) before it becomes the program: a supervisor that dies right after
 * the fork then still finds it. Constant text; everything that varies comes as arguments.
 */
const RECORD_THEN_BECOME =
  'd=$1; shift; cat /proc/$$/stat >"$d/process.new" && mv "$d/process.new" "$d/process" && exec "$@"';

/**
 * Runs once, keeps the output in `output` and the exit status in `status`. The status file exists beforehand and
 * is overwritten in place, so that even a full disk cannot lose the answer.
 */
const RECORD_AND_WAIT = [
  'd=$1; limit=$2; nice=$3; shift 3',
  'cat /proc/$$/stat >"$d/process.new" && mv "$d/process.new" "$d/process" || exit 1',
  'nice -n "$nice" timeout -k 10 "$limit" "$@" >"$d/output" 2>&1 </dev/null',
  'printf "%-15s\\n" "exit $?" 1<>"$d/status"',
].join('\n');

export interface Launched {
  readonly pid: number;
  /** Resolves when the first process ends. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts a program as the leader of its own session. `output` is a file descriptor for stdout and stderr.
 * @throws when the program cannot be started at all
 */
export function launchInstance(
  directory: string,
  marker: string,
  program: ProgramSpec,
  output: number,
): Promise<Launched> {
  return launch(program, { SLUICE_INSTANCE: marker }, output, [
    '/bin/sh',
    '-c',
    RECORD_THEN_BECOME,
    'sluice-instance',
    directory,
  ]);
}

/** A program that is joined to this process by pipes, and marked like a task. */
export async function launchShell(
  marker: string,
  program: ProgramSpec,
): Promise<{ child: ChildProcess; input: Writable; output: Readable; errors: Readable }> {
  const child = spawnProgram(program, { SLUICE_TASK: marker }, ['pipe', 'pipe', 'pipe'], []);
  await once(child, 'spawn');
  const { stdin: input, stdout: output, stderr: errors } = child;
  if (input === null || output === null || errors === null) throw new Error('no pipes');
  return { child, input, output, errors };
}

export function launchTask(
  directory: string,
  marker: string,
  program: ProgramSpec,
  limits: { readonly timeoutMs: number; readonly nice: boolean },
): Promise<Launched> {
  return launch(program, { SLUICE_TASK: marker }, 'ignore', [
    '/bin/sh',
    '-c',
    RECORD_AND_WAIT,
    'sluice-task',
    directory,
    String(limits.timeoutMs / 1_000),
    limits.nice ? '10' : '0',
  ]);
}

/**
 * In a sandbox the program's variables reach bubblewrap through a pipe and not through its own environment: a
 * variable such as LD_PRELOAD would otherwise load the application's code into bubblewrap itself, outside.
 */
function launch(
  program: ProgramSpec,
  marker: Record<string, string>,
  output: number | 'ignore',
  wrapper: readonly string[],
): Promise<Launched> {
  const child = spawnProgram(program, marker, ['ignore', output, output], wrapper);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve({ pid: child.pid ?? 0, exited });
    });
  });
}

function spawnProgram(
  program: ProgramSpec,
  marker: Record<string, string>,
  stdio: readonly ('pipe' | 'ignore' | number)[],
  wrapper: readonly string[],
): ChildProcess {
  const sandboxed = program.sandbox !== null;
  const command = sandboxed
    ? ['bwrap', '--args', '3', ...program.sandbox, '--chdir', program.cwd, '--', ...program.argv]
    : [...program.argv];
  const [file = '/bin/sh', ...args] = [...wrapper, ...command];
  const child = spawn(file, args, {
    cwd: sandboxed ? '/' : program.cwd,
    detached: true,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...(sandboxed ? {} : program.env),
      ...marker,
    },
    stdio: [...stdio, sandboxed ? 'pipe' : 'ignore'],
  });
  if (sandboxed) {
    const pipe = child.stdio[3] as Writable;
    pipe.on('error', () => undefined);
    pipe.end(environmentArguments(program.env));
  }
  return child;
}

function environmentArguments(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `--setenv\0${name}\0${value}\0`)
    .join('');
}
