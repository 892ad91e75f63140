import { defineConfig } from 'vitest/config';
import { ClosingLine } from './script/lib/closing-line.ts';
import { FileTimes } from './script/lib/file-times.ts';
import { RunOutcome } from './script/lib/run-outcome.ts';

/**
 * Tests run against real processes, repositories and databases, so each file gets a process of its own
 * (`forks`) and generous time-outs: they end on events and states, the time-outs only catch a hang.
 */
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'e2e/**/*.test.ts'],
    globalSetup: ['script/lib/test-database.ts'],
    setupFiles: [
      'script/lib/without-ci-variables.ts',
      'script/lib/fixed-histories.ts',
      'packages/server/test/record-statements.ts',
    ],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 420_000,
    hookTimeout: 300_000,
    // What a test waits for may take long on a busy machine; a second, which is the default, is no fault of anybody's.
    expect: { poll: { timeout: 120_000 } },
    reporters: ['default', new ClosingLine(), new FileTimes(), new RunOutcome()],
  },
});
