import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identify } from '../../router/identity.ts';
import { launchTask } from './launch.ts';
import { endMarked, markedProcesses } from './marked.ts';
import type { TaskSpec } from './types.ts';

/**
 * Commands that run exactly once, outside of every process of Sluice, with their result in files
 * (spec/ordering.md 6): `status` ("running", then "exit N"), `output`, `process`.
 *
 * The directory is the right to run: whoever makes it starts the command, whoever finds it adopts.
 */
export type TaskState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'running' }
  | { readonly kind: 'exited'; readonly code: number }
  /** Neither a process nor a status: nobody can say how it ended, and it must not run again. */
  | { readonly kind: 'lost' };

/** Starts the task unless its directory exists. Answers whether it was this call that started it. */
export async function startTask(spec: TaskSpec): Promise<boolean> {
  try {
    await mkdir(spec.directory, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(spec.directory, 'status'), `${'running'.padEnd(15)}\n`, { mode: 0o600 });
  await launchTask(spec.directory, spec.id, spec.program, spec);
  return true;
}

export async function taskState(id: string, directory: string): Promise<TaskState> {
  const before = await readStatus(directory);
  if (before.kind !== 'running') return before;
  if (await isAtWork(id, directory)) return { kind: 'running' };
  // It may have ended between the two looks, or be about to write down who it is.
  await pause(200);
  const after = await readStatus(directory);
  if (after.kind !== 'running') return after;
  return (await isAtWork(id, directory)) ? { kind: 'running' } : { kind: 'lost' };
}

/** New output from byte `offset` on, at most 256 KB. */
export async function readTaskOutput(directory: string, offset: number): Promise<Buffer> {
  const handle = await open(join(directory, 'output'), 'r').catch(() => null);
  if (handle === null) return Buffer.alloc(0);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(262_144), 0, 262_144, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Ends every process of the task. */
export async function endTask(id: string, graceMs: number): Promise<void> {
  await endMarked({ name: 'SLUICE_TASK', id }, graceMs);
}

/** Ids of its living processes. */
export const taskProcesses = (id: string): number[] => markedProcesses({ name: 'SLUICE_TASK', id });

async function readStatus(directory: string): Promise<TaskState> {
  let text: string;
  try {
    text = await readFile(join(directory, 'status'), 'utf8');
  } catch {
    const made = await stat(directory).then(
      () => true,
      () => false,
    );
    return made ? { kind: 'running' } : { kind: 'absent' };
  }
  const code = /^exit (\d+)/.exec(text)?.[1];
  return code === undefined ? { kind: 'running' } : { kind: 'exited', code: Number(code) };
}

async function isAtWork(id: string, directory: string): Promise<boolean> {
  const line = await readFile(join(directory, 'process'), 'latin1').catch(() => '');
  const pid = Number.parseInt(line, 10);
  const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  if (pid > 1 && ticks !== undefined && identify(pid)?.startTicks === ticks) return true;
  return taskProcesses(id).length > 0;
}
