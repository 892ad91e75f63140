import type { WhyAnswer } from '../deploy/why/why-state.ts';

/** What one line about an environment rests on. */
export interface SummaryFacts {
  readonly branch: string;
  /** A build must pass before a commit goes live; otherwise every commit counts as one that may. */
  readonly gate: boolean;
  readonly hold: {
    readonly since: string;
    readonly by: string | null;
    readonly reason: string | null;
  } | null;
  /** Newest commit of the branch; null: there is no such branch. */
  readonly head: string | null;
  readonly live: string | null;
  readonly liveOnBranch: boolean;
  /** Commits of the branch that are not in what is live. */
  readonly newer: number;
  /** Those of them that may go live, newest first. */
  readonly ready: readonly string[];
  /** What became of the first of `ready` in this environment. */
  readonly fate: WhyAnswer | null;
  /** State of the deciding test of the branch's newest commit; null: none. */
  readonly headTest: string | null;
}

const short = (sha: string): string => sha.slice(0, 7);

/** Whether the newest passed commit is live, and if not, why not, in one line (issue 5.7). */
export function summarise(facts: SummaryFacts): string {
  const { hold, ready, live } = facts;
  if (hold !== null) {
    const by = hold.by === null ? '' : ` by ${hold.by}`;
    const why = hold.reason === null ? '' : `: ${hold.reason}`;
    const waiting = ready.length === 0 ? '' : `; ${newerOnes(facts, ['waits', 'wait'])}`;
    return `held since ${moment(hold.since)}${by}${why}${waiting}`;
  }
  if (facts.head === null) {
    return live === null
      ? `no branch ${facts.branch} yet: push one`
      : `there is no branch ${facts.branch} any more`;
  }
  if (ready.length > 0) return `${live === null ? 'nothing is live: ' : ''}${pending(facts)}`;
  if (live === null) return `nothing is live: ${untested(facts)}`;
  if (!facts.liveOnBranch) return `what is live is not on ${facts.branch}`;
  const newest = `live = newest ${passed(facts)}commit of ${facts.branch}`;
  if (facts.newer === 0) return newest;
  const many = facts.newer === 1 ? '1 newer commit' : `${facts.newer} newer commits`;
  if (facts.headTest === 'unfinished') {
    return `${newest}; ${many} ${facts.newer === 1 ? 'is' : 'are'} being tested`;
  }
  return `${newest}; ${many} ${facts.newer === 1 ? 'has' : 'have'} not passed`;
}

const passed = ({ gate }: SummaryFacts): string => (gate ? 'passed ' : '');

function newerOnes(facts: SummaryFacts, [one, many]: readonly [string, string]): string {
  const { length } = facts.ready;
  return length === 1
    ? `1 newer ${passed(facts)}commit ${one}`
    : `${length} newer ${passed(facts)}commits ${many}`;
}

/** There is something newer that may go live: how far it came. */
function pending(facts: SummaryFacts): string {
  const { fate, ready } = facts;
  const newest = `newest ${passed(facts)}commit ${short(ready[0] ?? '')}`;
  const because = fate?.reason ? `: ${fate.reason}` : '';
  switch (fate?.state) {
    case 'deploying':
      return newerOnes(facts, ['is deploying', 'are deploying']);
    case 'queued':
      return newerOnes(facts, ['is queued', 'are queued']);
    case 'awaiting_build':
      return `${newest} waits for its build`;
    case 'awaiting_commit':
      return `${newest} is awaited`;
    case 'deploy_failed':
      return `${newest} failed to deploy${because}`;
    case 'cancelled':
      return `the deployment of ${newest} was cancelled${because}`;
    case 'was_live':
      return `${newest} was live before`;
    case 'held':
      return `${newest} was kept back by a hold`;
    case 'skipped':
    case 'superseded':
      return `${newest} was ${fate.state}${because}`;
    default:
      return `${newerOnes(facts, ['is not deployed', 'are not deployed'])}: nobody asked for it`;
  }
}

function untested({ branch, headTest }: SummaryFacts): string {
  switch (headTest) {
    case 'unfinished':
      return `the newest commit of ${branch} is being tested`;
    case null:
      return `no commit of ${branch} has been tested`;
    case 'refused':
      return `no commit of ${branch} has passed, the newest was not built`;
    default:
      return `no commit of ${branch} has passed, the newest ${headTest}`;
  }
}

/** `2026-11-23 15:40 UTC` */
const moment = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
