import type { CiSettings } from '../index.ts';

export const SETTINGS: CiSettings = {
  publicUrl: () => 'http://sluice.test',
  strictToolchains: false,
  silenceMs: 600_000,
  totalMs: 3_000_000,
  afterVerdictMs: 7_200_000,
  logBytes: 100_000,
  leaseMs: 30_000,
  maxJobs: null,
  maxJobsPerRepository: null,
};
