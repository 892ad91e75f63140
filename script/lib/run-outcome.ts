import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FileOutcome } from '@sluice/testing';
import type { Reporter, TestModule } from 'vitest/node';

const root = join(import.meta.dirname, '../..');

/** With SLUICE_TEST_OUTCOME=<file> a run leaves there how each of its files ended, as a list of {@link FileOutcome}. */
export class RunOutcome implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { SLUICE_TEST_OUTCOME: file } = process.env;
    if (file === undefined) return;
    const outcomes = modules.map((module) => outcomeOf(module));
    // An error outside of every file cannot be looked at again.
    if (errors.length > 0)
      outcomes.push({ path: '(outside of every file)', ...NOTHING, broken: true });
    writeFileSync(file, JSON.stringify(outcomes));
  }
}

const NOTHING = { passed: 0, failed: 0, skipped: 0, failedTests: [] };

function outcomeOf(module: TestModule): FileOutcome {
  const outcome: FileOutcome = {
    path: relative(root, module.moduleId),
    passed: 0,
    failed: 0,
    skipped: 0,
    failedTests: [],
    broken: module.errors().length > 0,
  };
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    outcome[state === 'pending' ? 'skipped' : state] += 1;
    if (state === 'failed') outcome.failedTests.push(test.fullName);
  }
  return outcome;
}
