import type { DeploymentRow } from '../../store/schema/deploy.ts';
import { STEP_NAMES } from '../pipeline-types.ts';

/** What became of a commit in one environment, in one word (issue 2, item 13). */
type WhyStateName =
  | 'unknown'
  | 'untested'
  | 'building'
  | 'build_failed'
  | 'not_signalled'
  | 'awaiting_commit'
  | 'awaiting_build'
  | 'queued'
  | 'deploying'
  | 'live'
  | 'was_live'
  | 'deploy_failed'
  | 'cancelled'
  | 'superseded'
  | 'skipped'
  | 'held';

export type WhyDeployment = Pick<
  DeploymentRow,
  'uuid' | 'status' | 'reason' | 'reason_code' | 'rule' | 'success'
> & { readonly supersededBy: string | null };

export interface WhyFacts {
  readonly present: boolean;
  /** State of the deciding build, as `commit_tests` has it; null: none. */
  readonly build: string | null;
  /** A build must pass first (2.3); without it the signal itself says that the commit was tested. */
  readonly gate: boolean;
  /** Those of this commit, newest first. */
  readonly deployments: readonly WhyDeployment[];
  readonly live: boolean;
  readonly liveDeployment: string | null;
}

export interface WhyAnswer {
  readonly state: WhyStateName;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly deployment: string | null;
  readonly supersededBy: string | null;
}

export function whyState(facts: WhyFacts): WhyAnswer {
  const chosen = telling(facts);
  if (!chosen) return unasked(facts);
  return {
    state:
      facts.live && chosen.uuid === facts.liveDeployment ? 'live' : stateOf(chosen, facts.build),
    reason: chosen.reason,
    rule: chosen.rule,
    deployment: chosen.uuid,
    supersededBy: chosen.supersededBy,
  };
}

/**
 * The deployment that tells the story: one that is still going on, else the one that made the commit live,
 * else one that once did, else the newest.
 */
function telling({ deployments, live, liveDeployment }: WhyFacts): WhyDeployment | undefined {
  return (
    deployments.find((d) => d.success === null && d.status !== 'SUPERSEDED') ??
    (live ? deployments.find((d) => d.uuid === liveDeployment) : undefined) ??
    deployments.find((d) => d.success === null) ??
    deployments.find((d) => d.status === 'SUCCEEDED') ??
    deployments[0]
  );
}

function stateOf({ status, reason_code }: WhyDeployment, build: string | null): WhyStateName {
  if ((STEP_NAMES as readonly string[]).includes(status)) return 'deploying';
  switch (status) {
    case 'AWAITING_COMMIT':
      return 'awaiting_commit';
    case 'AWAITING_BUILD':
      return 'awaiting_build';
    case 'QUEUED':
      return 'queued';
    case 'SUCCEEDED':
      return 'was_live';
    case 'CANCELLED':
      return 'cancelled';
    case 'SUPERSEDED':
      return 'superseded';
    case 'SKIPPED':
      return 'skipped';
    case 'HELD':
      return 'held';
    default:
      if (reason_code !== 'untested') return 'deploy_failed';
      return build === null || build === 'refused' ? 'untested' : 'build_failed';
  }
}

/** Nobody asked for it here: how far the commit itself came. */
function unasked({ present, build, gate }: WhyFacts): WhyAnswer {
  const answer = (state: WhyStateName, reason: string): WhyAnswer => ({
    state,
    reason,
    rule: null,
    deployment: null,
    supersededBy: null,
  });
  if (!present) return answer('unknown', 'the commit is not in the repository');
  if (!gate && (build === null || build === 'refused'))
    return answer('not_signalled', 'nobody asked to deploy it, and it needs no build');
  if (build === null) return answer('untested', 'no build of it exists');
  if (build === 'unfinished') return answer('building', 'its build has not finished');
  if (build === 'passed')
    return answer('not_signalled', 'its build passed; nobody asked to deploy it');
  // Nothing is broken: there was no build that could be.
  if (build === 'refused') return answer('untested', 'it was not built; nobody asked to deploy it');
  return answer('build_failed', `its build ${build}`);
}
