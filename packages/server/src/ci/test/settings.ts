import { join } from 'node:path';
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

export const CACHES = {
  repositoryBytes: 100_000_000,
  totalBytes: 200_000_000,
};

export const ARTIFACTS = {
  keptMs: 24 * 60 * 60_000,
  jobBytes: 10_000_000,
  jobFiles: 50,
  totalBytes: 50_000_000,
};

export const notifyIn = (dataDir: string) => ({
  smtpUrl: '',
  mailFrom: 'sluice@sluice.test',
  keyFile: join(dataDir, 'keys', 'webhook.pem'),
});
