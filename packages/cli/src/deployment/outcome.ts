import type { Deployment } from '@sluice/contract';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** The last line of `app deploy --json`. */
export interface DeploymentResult {
  readonly deployment: string;
  readonly status: string;
  readonly success: boolean | null;
  readonly commit: string | null;
  readonly url: string;
  readonly reason: string | null;
  readonly superseded_by: string | null;
}

export function resultOf(deployment: Deployment): DeploymentResult {
  return {
    deployment: deployment.uuid,
    status: deployment.status,
    success: deployment.success,
    commit: deployment.commit,
    url: deployment.url,
    reason: deployment.reason,
    superseded_by: deployment.superseded_by,
  };
}

/**
 * What the shell is told. A commit that is not on the environment's branch is nobody's fault in a CI job
 * (`after_success` of a feature branch), but a person asked for something that did not happen (spec/ordering.md 2.2).
 */
export function exitCodeOf(deployment: Deployment, inCi: boolean): ExitCode {
  if (deployment.status === 'HELD') return exitCodes.held;
  if (deployment.status === 'SKIPPED') return inCi ? exitCodes.done : exitCodes.failed;
  return deployment.success === false ? exitCodes.failed : exitCodes.done;
}

/** One sentence for people. */
export function describeOutcome(deployment: Deployment): string {
  const commit = deployment.commit?.slice(0, 10) ?? 'the commit';
  const why = deployment.reason === null ? '' : ` ${deployment.reason}`;
  switch (deployment.status) {
    case 'SUCCEEDED':
      return `Deployed ${commit}: ${deployment.url}`;
    case 'SUPERSEDED': {
      const by = deployment.superseded_by ?? 'a later one';
      const outcome = deployment.success === false ? ' That one failed.' : '';
      return `Superseded by deployment ${by}, which carries ${commit}.${outcome}${why}`;
    }
    case 'SKIPPED':
      return `Not deployed, nothing to do.${why}`;
    case 'HELD':
      return `The environment is on hold; ${commit} waits as its candidate.${why}`;
    case 'CANCELLED':
      return `The deployment was cancelled.${why}`;
    case 'FAILED':
      return `The deployment failed.${why}`;
    default:
      return `${deployment.status} ${commit}.${why}`;
  }
}
