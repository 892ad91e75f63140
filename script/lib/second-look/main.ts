/**
 * Runs the tests, and what failed beside others a second time, alone (docs/adr/0009 says what may and why). It is
 * named in front of the closing line; what fails again fails the run. Arguments go to the test runner.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileOutcome, filesForSecondLook } from '@sluice/testing';
import { addCounts } from '../counts.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-tests-'));
const { SLUICE_TEST_COUNTS: counts = join(directory, 'counts') } = process.env;

async function run(args: readonly string[]): Promise<{ code: number; outcomes: FileOutcome[] }> {
  const outcome = join(directory, 'outcome');
  rmSync(outcome, { force: true });
  const tests = spawn(
    process.execPath,
    [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args],
    {
      stdio: 'inherit',
      env: { ...process.env, SLUICE_TEST_COUNTS: counts, SLUICE_TEST_OUTCOME: outcome },
    },
  );
  const [code] = await once(tests, 'exit');
  return { code: code ?? 1, outcomes: read(outcome) };
}

/** A run that was ended from outside has left nothing. */
function read(file: string): FileOutcome[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}

let { code, outcomes } = await run(process.argv.slice(2));
const again = code === 0 ? [] : filesForSecondLook(outcomes);
if (again.length > 0) {
  const names = again.flatMap(({ path, failedTests }) =>
    failedTests.map((name) => `${path}: ${name}`),
  );
  console.log(`\n== a second look, alone, at what failed beside others\n${names.join('\n')}`);
  for (const { passed, failed, skipped } of again)
    addCounts(counts, { passed: -passed, failed: -failed, skipped: -skipped, secondLook: [] });
  addCounts(counts, { passed: 0, failed: 0, skipped: 0, secondLook: names });
  ({ code, outcomes } = await run(again.map(({ path }) => path)));
}
rmSync(directory, { recursive: true, force: true });
process.exitCode = code;
