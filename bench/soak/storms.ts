import { generateStorm, type Size } from '../../packages/cli/src/simulate/generate.ts';
import { type Action, BRANCH, byTime, type Storm } from '../../packages/cli/src/simulate/storm.ts';

/** The last commit of every long storm: when all is quiet it has to be live. */
export const FINALE = 'finale';

export interface Pace {
  readonly seconds: number;
  /** Mean time between two commits of the branch. */
  readonly secondsPerCommit: number;
}

/**
 * A storm that lasts: pushes, merges, rewrites, signals by both doors, rollbacks and faults as in any other, spread over
 * the time, with tests and releases that take as long as ever. What is on hold is resumed, and a last commit follows that
 * passes, deploys and is asked for.
 */
export function longStorm(seed: number, { seconds, secondsPerCommit }: Pace): Storm {
  const count = Math.max(2, Math.round(seconds / secondsPerCommit));
  const size: Size = { commits: { from: count, to: count }, pace: 1 };
  const { commits, actions, autoDeploy } = generateStorm(seed, false, size);
  const length = Math.max(1, ...actions.map((action) => action.at));
  const spread = actions.map((action) => ({
    ...action,
    at: Math.round((action.at * seconds * 1_000) / length),
  }));
  const head = spread.findLast((action) => isPush(action))?.commit;
  const end = seconds * 1_000;
  const isHeld = spread.some((one) => one.do === 'rollback');
  const isResumed = spread.some((one) => one.do === 'resume');
  const epilogue: Action[] = [
    ...(isHeld && !isResumed ? [{ at: end + 1_000, do: 'resume' as const }] : []),
    { at: end + 3_000, do: 'push', commit: FINALE, branch: BRANCH },
    { at: end + 3_500, do: 'signal', commit: FINALE, door: 'v3', key: FINALE },
  ];
  const last = { testMs: 0, passes: true, deployMs: 0, deploys: true };
  return {
    ...{ seed, gate: true, autoDeploy, atMost: null },
    commits: [...commits, { name: FINALE, parents: head === undefined ? [] : [head], ...last }],
    actions: byTime([...spread, ...epilogue]),
  };
}

const isPush = (action: Action): action is Extract<Action, { do: 'push' | 'force-push' }> =>
  (action.do === 'push' || action.do === 'force-push') && action.branch === BRANCH;
