import type { JobPayload } from '@sluice/contract';

type Changes = Partial<Omit<JobPayload, 'build' | 'limits' | 'repository'>> & {
  build?: Partial<JobPayload['build']>;
  limits?: Partial<JobPayload['limits']>;
  repository?: Partial<JobPayload['repository']>;
};

/** A job that clones nothing unless it is told to, of a trusted push to `main`. */
export function payloadOf(config: Record<string, unknown>, changes: Changes = {}): JobPayload {
  return {
    jobId: 11,
    number: '4.1',
    attempt: 1,
    name: null,
    stage: null,
    allowFailure: false,
    earlierVerdict: null,
    restartedBy: null,
    secrets: [],
    notices: [],
    clone: { url: '/nowhere', token: '', ref: 'refs/heads/main' },
    urls: {
      server: 'http://sluice.localhost:4000',
      build: 'http://sluice.localhost:4000/b/4',
      job: 'http://sluice.localhost:4000/j/11',
    },
    trusted: true,
    strictToolchains: false,
    filterSecrets: true,
    env: [],
    config: { language: 'generic', git: { clone: false }, ...config },
    ...changes,
    repository: {
      id: 7,
      uuid: 'b7c5d1c2-0000-4000-8000-000000000007',
      slug: 'org/app',
      private: false,
      defaultBranch: 'main',
      ...changes.repository,
    },
    build: {
      id: 4,
      number: 4,
      event: 'push',
      branch: 'main',
      tag: null,
      sha: '0123456789012345678901234567890123456789',
      commitRange: 'aaaaaaaaaaaa...0123456789ab',
      message: 'Change the page\n\nBody',
      pullRequest: null,
      ...changes.build,
    },
    limits: {
      silenceMs: 60_000,
      totalMs: 60_000,
      afterVerdictMs: 60_000,
      logBytes: 4_000_000,
      ...changes.limits,
    },
  };
}
