import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobPayload } from '@sluice/contract';
import { afterAll, beforeAll } from 'vitest';
import type { Executor } from '../../src/executors/executor.ts';
import { createHostExecutor, type HostExecutorOptions } from '../../src/executors/host/index.ts';
import { executeJob } from '../../src/job/execute.ts';
import type { JobOutcome } from '../../src/job/outcome.ts';
import { hostOptions } from './machine-options.ts';

export { hostOptions, zoo } from './machine-options.ts';

/** `all` turns tests that this machine cannot run into failures. */
const required = process.env['SLUICE_TEST_REQUIRE'] === 'all';

/** True, with the reason printed, when a test has to be left out here. */
export function skipUnless(there: boolean, reason: string): boolean {
  if (there) return false;
  if (required) throw new Error(`SLUICE_TEST_REQUIRE=all, but ${reason}`);
  console.warn(`skipped: ${reason}`);
  return true;
}

export interface Machine {
  directory: string;
  executor: Executor;
  run(payload: JobPayload, options?: RunOptions): Promise<JobRun>;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Called with all that was logged so far. */
  onLog?: (log: string) => void;
  executor?: Executor;
}

export interface JobRun extends JobOutcome {
  log: string;
  /** The log without folds, timings and colours. */
  plain: string;
  notices: string[];
  verdicts: string[];
}

/** A host executor with directories of its own for the tests of one file. */
export function useMachine(changes: Partial<HostExecutorOptions> = {}): Machine {
  const machine = {} as Machine;
  beforeAll(async () => {
    machine.directory = mkdtempSync(join(tmpdir(), 'sluice-runner-'));
    machine.executor = await createHostExecutor({ ...hostOptions(machine.directory), ...changes });
    machine.run = (payload, options) =>
      runOn(options?.executor ?? machine.executor, payload, options);
  });
  afterAll(() => rmSync(machine.directory, { recursive: true, force: true }));
  return machine;
}

export async function runOn(
  executor: Executor,
  payload: JobPayload,
  options: RunOptions = {},
): Promise<JobRun> {
  const chunks: Buffer[] = [];
  const notices: string[] = [];
  const verdicts: string[] = [];
  const outcome = await executeJob({
    payload,
    executor,
    runnerName: 'test',
    signal: options.signal ?? new AbortController().signal,
    timing: { minute: 1, retryPause: 0 },
    sink: {
      log: (bytes) => {
        chunks.push(bytes);
        options.onLog?.(Buffer.concat(chunks).toString());
      },
      notices: (texts) => {
        notices.push(...texts);
      },
      verdict: async (verdict) => {
        verdicts.push(verdict);
      },
    },
  });
  const log = Buffer.concat(chunks).toString();
  return { ...outcome, log, plain: plainText(log), notices, verdicts };
}

const ESCAPE = '\u001b';
const MARKS = new RegExp(`travis_(fold|time):[^\\r]*\\r${ESCAPE}\\[0K`, 'g');
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]*[mK]`, 'g');

export function plainText(log: string): string {
  return log.replaceAll(MARKS, '').replaceAll(COLOURS, '');
}

export interface TestRepository {
  path: string;
  sha: string;
  git(...args: string[]): string;
}

export function createRepository(path: string, files: Record<string, string>): TestRepository {
  execFileSync('git', ['init', '-q', '-b', 'main', path]);
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, ...identity, ...args], { encoding: 'utf8' }).trim();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  git('add', '.');
  git('commit', '-qm', 'First');
  return { path, git, sha: git('rev-parse', 'HEAD') };
}
