import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends a run with one plain line that any tool can read: `N passed, N failed, N skipped`. Runs that follow each other with
 * SLUICE_TEST_COUNTS=<file> count on: the line of the last one is the sum of all.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { SLUICE_TEST_COUNTS: file } = process.env;
    const counts: Counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    if (file !== undefined) {
      const before: Counts | null = existsSync(file)
        ? JSON.parse(readFileSync(file, 'utf8'))
        : null;
      counts.passed += before?.passed ?? 0;
      counts.failed += before?.failed ?? 0;
      counts.skipped += before?.skipped ?? 0;
      writeFileSync(file, JSON.stringify(counts));
    }
    // After the other reporters have written their summaries.
    process.once('exit', () => {
      process.stdout.write(
        `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
      );
    });
  }
}
