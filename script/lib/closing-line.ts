import type { Reporter, TestModule } from 'vitest/node';
import { addCounts, type Counts, NO_COUNTS } from './counts.ts';

/**
 * Ends a run with one plain line that any tool can read: `N passed, N failed, N skipped`. Runs that follow each other with
 * SLUICE_TEST_COUNTS=<file> count on: the line of the last one is the sum of all.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { SLUICE_TEST_COUNTS: file } = process.env;
    let counts: Counts = { ...NO_COUNTS, failed: errors.length };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    if (file !== undefined) counts = addCounts(file, counts);
    // After the other reporters have written their summaries.
    process.once('exit', () => {
      for (const name of counts.secondLook) console.log(`needed a second look: ${name}`);
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
