import type { JobLimits, JobPayload } from '@sluice/contract';
import type { JobConfig } from '@sluice/travis-config';
import { withoutSecrets } from './secrets.ts';
import { asEnvVar, type GivenVariable } from './variables.ts';

/** What all jobs of a local build have in common. */
export interface BuildFacts {
  readonly event: string;
  readonly branch: string;
  readonly tag: string | null;
  /** Branch that a pull request comes from. */
  readonly headBranch: string;
  readonly slug: string;
  readonly defaultBranch: string | null;
  readonly sha: string;
  readonly message: string;
  /** The repository to clone, as a URL. */
  readonly cloneUrl: string;
  readonly variables: readonly GivenVariable[];
  readonly limits: JobLimits;
  /** Whether `deploy` may run. */
  readonly mayDeploy: boolean;
}

/** A job of a local build with its number from 1. */
export interface LocalJob {
  readonly number: number;
  /** What tells it from the other jobs, for people. */
  readonly title: string;
  readonly config: JobConfig;
}

export const BUILD_NUMBER = 1;

const NO_SERVER = 'http://localhost';

/** A job as the runner takes it from the service, made from the file alone. */
export function localPayload(job: LocalJob, facts: BuildFacts): JobPayload {
  const { config, vars, notices } = withoutSecrets(job.config);
  const deployments = Array.isArray(config['deploy']) ? config['deploy'].length : 0;
  const leavesOut = !facts.mayDeploy && deployments > 0;
  if (leavesOut) delete config['deploy'];
  return {
    jobId: job.number,
    number: jobNumber(job),
    attempt: 1,
    name: job.config.name ?? null,
    stage: job.config.stage ?? null,
    allowFailure: job.config.allow_failure === true,
    earlierVerdict: null,
    restartedBy: null,
    repository: {
      id: 1,
      uuid: `local-${facts.slug}`,
      slug: facts.slug,
      private: false,
      defaultBranch: facts.defaultBranch,
    },
    build: {
      id: 1,
      number: BUILD_NUMBER,
      event: facts.event,
      branch: facts.branch,
      tag: facts.tag,
      sha: facts.sha,
      commitRange: '',
      message: facts.message,
      pullRequest: pullRequest(facts),
    },
    config,
    env: [
      {
        heading: 'Setting environment variables from the command line',
        vars: facts.variables.map(asEnvVar),
      },
      { heading: 'Setting environment variables from .travis.yml', vars: [...vars] },
    ].filter((group) => group.vars.length > 0),
    secrets: facts.variables.filter(({ secret }) => secret).map(({ value }) => value),
    notices: [
      ...notices,
      ...(leavesOut ? ['Nothing is deployed from this machine: deploy is left out.'] : []),
    ],
    clone: { url: facts.cloneUrl, token: '', ref: refOf(facts) },
    urls: { server: NO_SERVER, build: NO_SERVER, job: NO_SERVER },
    limits: facts.limits,
    trusted: true,
    strictToolchains: false,
    filterSecrets: config['filter_secrets'] !== false,
  };
}

export function jobNumber({ number }: { readonly number: number }): string {
  return `${BUILD_NUMBER}.${number}`;
}

function refOf({ tag, branch }: BuildFacts): string {
  return tag === null ? `refs/heads/${branch}` : `refs/tags/${tag}`;
}

/** A pull request of the repository itself, so that it may have what a branch of it has. */
function pullRequest(facts: BuildFacts): JobPayload['build']['pullRequest'] {
  if (facts.event !== 'pull_request') return null;
  const { sha, slug, headBranch: branch } = facts;
  return { number: 1, branch, sha, slug, draft: false };
}
