import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { JobExit, JobProcess } from '../executor.ts';
import { openOutputPipe } from './output.ts';
import { descendants, memoryOf, signal } from './processes.ts';

const MEMORY_CHECK_MS = 1_000;

export interface ProcessInput {
  command: readonly string[];
  environment: Record<string, string>;
  /** Where the output pipe is made. */
  directory: string;
  /** The id that owns the output pipe, when it is not our own. */
  uid: number | null;
  memoryBytes: number;
  graceMs: number;
  /** For bubblewrap's file descriptor 4. */
  arguments?: Buffer;
  detached: boolean;
  /** Every process of the job, however it has hidden; the first is the one to end for good. */
  members(root: number): Promise<number[]>;
}

/** Starts a job's program with the pipes it needs, watches its memory and ends all of it when asked. */
export async function startProcess(input: ProcessInput): Promise<JobProcess> {
  const { readable, writeDescriptor } = await openOutputPipe(input.directory, input.uid);
  const [program, ...args] = input.command as [string, ...string[]];
  const stdio: SpawnOptions['stdio'] = ['ignore', writeDescriptor, writeDescriptor, 'pipe'];
  if (input.arguments) stdio.push('pipe');
  const child = spawn(program, args, {
    env: input.environment,
    cwd: '/',
    stdio,
    detached: input.detached,
  });
  closeSync(writeDescriptor);
  const control = child.stdio[3] as unknown as Duplex;
  control.on('error', () => undefined);
  if (input.arguments) {
    const pipe = child.stdio[4] as unknown as Duplex;
    pipe.on('error', () => undefined);
    pipe.end(input.arguments);
  }
  let exceeded: string | null = null;
  let killing: Promise<void> | null = null;
  const kill = () => {
    killing ??= end(child, input);
    return killing;
  };
  const watch = setInterval(() => {
    void overMemory(child, input).then((over) => {
      if (!over || exceeded !== null) return;
      exceeded = `The job used more than ${Math.round(input.memoryBytes / 1024 ** 2)} MB of memory, its limit here.`;
      void kill();
    });
  }, MEMORY_CHECK_MS);
  watch.unref();
  const exit = ended(child).then(async (result): Promise<JobExit> => {
    clearInterval(watch);
    await sweep(child, input);
    return { ...result, exceeded };
  });
  return { output: readable, control, exit, kill };
}

function ended(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.once('exit', (code, name) => resolve({ code, signal: name }));
    // The program could not be started at all; what it is missing stands in the probe's answer.
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
}

async function overMemory(child: ChildProcess, input: ProcessInput): Promise<boolean> {
  if (child.pid === undefined) return false;
  const pids = await descendants(child.pid).catch(() => []);
  return (await memoryOf(pids, input.memoryBytes)) > input.memoryBytes;
}

async function end(child: ChildProcess, input: ProcessInput): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (const member of await input.members(pid)) signal(member, 'SIGTERM');
  const timer = setTimeout(() => {
    signal(pid, 'SIGKILL');
  }, input.graceMs);
  await gone;
  clearTimeout(timer);
}

/** After the end: nothing of the job may be left. Repeated, since a process may have forked meanwhile. */
async function sweep(child: ChildProcess, input: ProcessInput): Promise<void> {
  if (child.pid === undefined) return;
  for (let round = 0; round < 20; round++) {
    const left = await input.members(child.pid).catch(() => []);
    if (left.length === 0) return;
    for (const pid of left) signal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 10 * (round + 1)));
  }
}
