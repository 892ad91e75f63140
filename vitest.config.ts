import { defineConfig } from 'vitest/config';

/**
 * Tests run against real processes, repositories and databases, so each file gets a process of its own
 * (`forks`) and generous time-outs: they end on events and states, the time-outs only catch a hang.
 */
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'e2e/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
