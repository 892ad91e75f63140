import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHostExecutor, jobDirectories } from '../src/executors/host/index.ts';
import { hostOptions, skipUnless } from './support/machine.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Whether a process runs whose command line holds `text`. */
function runs(text: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

it('takes the job with it when the runner is killed, and clears up at the next start (spec/faults.md 17)', async () => {
  const probe = await createHostExecutor(hostOptions(join(directory, 'probe')));
  if (skipUnless(probe.isolates, 'bubblewrap does not work here')) return;
  const line = 'setsid sleep 987654321 & echo under way; sleep 987654321';
  const program = new URL('support/run-one.ts', import.meta.url).pathname;
  const runner = spawn(process.execPath, [program, directory, line], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of runner.stdout) {
    output += String(chunk);
    if (output.includes('\nunder way\n')) break;
  }
  expect(runs('987654321\0')).toBe(true);
  const gone = once(runner, 'exit');
  runner.kill('SIGKILL');
  await gone;
  // The kernel passes the death on from process to process; each step takes a moment.
  await expect.poll(() => runs('sleep\x00987654321'), { timeout: 120_000 }).toBe(false);
  const workDir = hostOptions(directory).workDir;
  expect(await jobDirectories(workDir)).toHaveLength(1);
  await createHostExecutor(hostOptions(directory));
  expect(await jobDirectories(workDir)).toEqual([]);
});
