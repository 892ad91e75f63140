import { STEP_NAMES, type StepName } from '../pipeline-types.ts';
import { type Comparison, type Contender, compare } from './compare.ts';
import { commitFacts, isStrictAncestor } from './facts.ts';
import type {
  Deployment,
  EndStatus,
  Facts,
  Limits,
  Live,
  Remembered,
  RuleName,
  Status,
  Verdict,
} from './types.ts';

/**
 * Every rule of ordering.md that answers a question, one function each; `decide` only carries out
 * what they answer. They are handed in as a value, so that the tests can plant a wrong version of
 * each and prove that the promises of section 7 catch it.
 */
export interface Rules {
  /** 3.1-3.4 */
  compare(a: Contender, b: Contender, facts: Facts): Comparison;
  /** 3: the fingerprints are equal; a `FORCE` joins only one that has not started. */
  joins(asked: Fingerprint, other: Deployment): boolean;
  /** 3: same commit as live and nothing changed. */
  sameAsLive(asked: Fingerprint, live: Live): boolean;
  /** 3.5: live holds everything that this deployment would bring. */
  containedInLive(d: Deployment, live: Live, facts: Facts): boolean;
  /** 2.2 */
  branch(d: Deployment, facts: Facts, at: number): BranchAnswer;
  /** 2.3 */
  gate(d: Deployment, facts: Facts, at: number): GateAnswer;
  /** 2.4 */
  awaitedTooLong(d: Deployment, limits: Limits, at: number): boolean;
  /** 2.4: milliseconds from the acceptance to the n-th further fetch. */
  fetchDelayMs(attempt: number): number;
  /** 2.6: what a signal without a commit falls back to. */
  belowRedHead(tested: readonly Contender[], live: Live | null, facts: Facts): string | null;
  /** 5: `ADOPT` with no image built or being built. */
  imageMissing(d: Deployment, facts: Facts): boolean;
  /** 2.5: at most one runs. */
  mayStart(running: Deployment | null): boolean;
  /** 7, monotony: by which rule live has become newer than the one that runs; null: it has not. */
  overtaken(running: Deployment, live: Live, facts: Facts): RuleName | null;
  /** 3: whether whoever is queued is judged again. */
  judgesAgain(queued: Deployment): boolean;
  /** 3.5, 3.6: what becomes of those that a deployment had superseded when it ends. */
  fateOfCarried(end: EndStatus): 'mirror' | 'fall_back' | 'cancel' | 'remember';
  /** 3.5: the one that returns, out of those that may. */
  returning(pool: readonly Contender[], facts: Facts): number | null;
  /** 3.5: may this one return after its superseder failed? */
  mayReturn(d: Deployment, facts: Facts, at: number): boolean;
  /** 3.5: do the others stand behind the one that returns? */
  standsBehind(d: Deployment): boolean;
  /** 4.1 */
  rollbackPlan(queued: Deployment | null, running: Deployment | null): RollbackPlan;
  /** 4.2: may it be deployed although the environment is on hold? */
  passesHold(d: Deployment): boolean;
  /** 4.2: the winner among those remembered. */
  candidate(remembered: readonly Remembered[], live: Live | null, facts: Facts): number | null;
  /** 4.2: what a resume deploys, the candidate first. */
  resumes(remembered: readonly Remembered[], candidate: number | null): readonly Remembered[];
  /** 4.3 */
  mayCancel(d: Deployment): boolean;
  /** 6: where a deployment goes on after a crash; null: again from the check-out. */
  resumeFrom(status: StepName, switched: boolean): StepName | null;
}

export type Fingerprint = Pick<
  Deployment,
  'sha' | 'mode' | 'configVersion' | 'headSignal' | 'rollbackRelease'
>;

type BranchAnswer = 'on' | 'off' | 'removed' | 'fetch_first' | 'look_again';

type GateAnswer =
  | { readonly kind: 'open' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'closed'; readonly why: string };

interface RollbackPlan {
  readonly hold: boolean;
  readonly remember: Deployment | null;
  readonly cancel: Deployment | null;
}

export const isRunning = (status: Status): status is StepName =>
  (STEP_NAMES as readonly string[]).includes(status);

export const isAwaiting = (status: Status): boolean =>
  status === 'AWAITING_COMMIT' || status === 'AWAITING_BUILD';

/** A deployment as section 3 compares it. Only for those whose commit is known and present. */
export function contender(d: Deployment, facts: Facts): Contender {
  const sha = d.sha ?? '';
  // One that was on the branch when it was accepted and left it since is no override: 3.1 holds.
  const offBranch =
    d.allowOffBranch && !d.seenOnBranch && commitFacts(facts, sha).mergedAt === null;
  const named = d.overrideHold && !d.headSignal;
  return { number: d.number, sha, override: d.rollbackRelease !== null || named || offBranch };
}

/** 2.4: when a commit has been awaited for long enough. */
export const commitDeadline = (d: Pick<Deployment, 'acceptedAt'>, limits: Limits): number =>
  Math.max(d.acceptedAt, limits.upSince) + limits.awaitCommitMs;

/** 2.3: when a build of a commit that is present must exist. */
export const buildDeadline = (presentSince: number, limits: Limits): number =>
  Math.max(presentSince, limits.upSince) + limits.awaitBuildMs;

/**
 * A hosted repository is always current, so one look is enough. But of a commit that was awaited the
 * objects come a moment before the branch moves to it: that push is not over yet.
 */
function offHosted(d: Deployment, limits: Limits, at: number): BranchAnswer {
  if (d.fetchAttempts === 0 || at >= commitDeadline(d, limits)) return 'off';
  return d.offBranchSince !== null && at >= d.offBranchSince + limits.secondLookMs
    ? 'off'
    : 'look_again';
}

/** Live has this commit among its ancestors; not so where a force push left live off the branch (3.1). */
function liveContains(sha: string, live: Live, facts: Facts): boolean {
  const beats =
    commitFacts(facts, sha).mergedAt !== null && commitFacts(facts, live.sha).mergedAt === null;
  return !beats && isStrictAncestor(facts, sha, live.sha);
}

const plain = (number: number, sha: string): Contender => ({ number, sha, override: false });

export function newest(
  among: readonly Contender[],
  facts: Facts,
  by: Rules['compare'] = compare,
): Contender | null {
  let best: Contender | null = null;
  for (const one of among) if (best === null || by(one, best, facts).newer) best = one;
  return best;
}

export const RULES: Rules = {
  compare,

  joins(asked, other) {
    if (asked.sha === null || asked.sha !== other.sha) return false;
    if (asked.rollbackRelease !== null || other.rollbackRelease !== null) return false;
    if (asked.mode !== other.mode || asked.configVersion !== other.configVersion) return false;
    // One that is being cancelled will not go live: whoever joined it would be lost with it.
    if (other.cancelRequestedBy !== null) return false;
    return asked.mode !== 'FORCE' || !isRunning(other.status);
  },

  sameAsLive(asked, live) {
    return (
      asked.sha === live.sha &&
      asked.configVersion === live.configVersion &&
      asked.mode !== 'FORCE' &&
      !asked.headSignal &&
      asked.rollbackRelease === null
    );
  },

  containedInLive(d, live, facts) {
    if (d.rollbackRelease !== null || d.sha === null) return false;
    // It would be deployed with the configuration of now, not with that of its acceptance.
    if (d.sha === live.sha) return d.mode !== 'FORCE' && facts.configVersion === live.configVersion;
    return liveContains(d.sha, live, facts);
  },

  branch(d, facts, at) {
    if (d.allowOffBranch || d.rollbackRelease !== null) return 'on';
    const on = commitFacts(facts, d.sha ?? '').mergedAt !== null;
    if (d.seenOnBranch) return on ? 'on' : 'removed';
    if (!facts.mirror) return on ? 'on' : offHosted(d, facts.limits, at);
    if (facts.fetchBegan === null || facts.fetchBegan < d.acceptedAt) return 'fetch_first';
    if (on) return 'on';
    if (d.offBranchSince === null) return 'look_again';
    const secondLook = d.offBranchSince + facts.limits.secondLookMs;
    return facts.fetchBegan >= secondLook ? 'off' : 'look_again';
  },

  gate(d, facts, at) {
    if (!facts.gate || d.rollbackRelease !== null) return { kind: 'open' };
    const verdict: Verdict = commitFacts(facts, d.sha ?? '').verdict;
    switch (verdict.state) {
      case 'passed':
        return { kind: 'open' };
      case 'unfinished':
        return { kind: 'wait' };
      case 'failed':
        return { kind: 'closed', why: `its build ${verdict.result}${at_(verdict.url)}` };
      case 'impossible':
        return d.explicit ? { kind: 'open' } : { kind: 'closed', why: verdict.why };
      case 'none':
        return at >= buildDeadline(d.presentSince ?? at, facts.limits)
          ? { kind: 'closed', why: 'no build of it exists' }
          : { kind: 'wait' };
    }
  },

  awaitedTooLong: (d, limits, at) => at >= commitDeadline(d, limits),

  fetchDelayMs: (attempt) => (2 ** attempt - 1) * 1000,

  belowRedHead(tested, live, facts) {
    const fresh = tested.filter(
      ({ sha }) =>
        commitFacts(facts, sha).mergedAt !== null &&
        (live === null || (sha !== live.sha && !liveContains(sha, live, facts))),
    );
    return newest(fresh, facts)?.sha ?? null;
  },

  imageMissing: (d, facts) =>
    d.mode === 'ADOPT' &&
    d.rollbackRelease === null &&
    commitFacts(facts, d.sha ?? '').image === 'none',

  mayStart: (running) => running === null,

  overtaken(running, live, facts) {
    const standing = contender(running, facts);
    if (running.switched || standing.override) return null;
    const isOn = (sha: string) => commitFacts(facts, sha).mergedAt !== null;
    // One that left the branch while it ran is not stopped by that, and an override is replaced by any commit (3).
    if (!isOn(standing.sha) || !isOn(live.sha)) return null;
    const verdict = compare({ ...live, override: false }, standing, facts);
    return verdict.newer && verdict.rule !== 'acceptance_number' ? verdict.rule : null;
  },

  judgesAgain: (queued) => queued.rollbackRelease === null,

  fateOfCarried(end) {
    if (end === 'FAILED') return 'fall_back';
    if (end === 'CANCELLED') return 'cancel';
    if (end === 'HELD') return 'remember';
    return 'mirror';
  },

  returning: (pool, facts) => newest(pool, facts)?.number ?? null,

  mayReturn: (d, facts, at) =>
    d.rollbackRelease !== null || (d.sha !== null && RULES.gate(d, facts, at).kind === 'open'),

  standsBehind: () => true,

  rollbackPlan: (queued, running) => ({
    hold: true,
    // A rollback that waits is no commit to come back to: the new rollback takes its place.
    remember: queued !== null && queued.rollbackRelease === null ? queued : null,
    cancel: running !== null && !running.switched ? running : null,
  }),

  passesHold: (d) => d.overrideHold || d.rollbackRelease !== null,

  candidate(remembered, live, facts) {
    const able = remembered.filter((r): r is Remembered & { sha: string } => {
      if (r.sha === null) return false;
      const known = commitFacts(facts, r.sha);
      if (!known.present || (known.mergedAt === null && !r.allowOffBranch)) return false;
      if (live === null) return true;
      if (r.sha === live.sha) return r.mode === 'FORCE' || r.headSignal;
      return compare(plain(r.number, r.sha), plain(live.number, live.sha), facts).newer;
    });
    return (
      newest(
        able.map((r) => plain(r.number, r.sha)),
        facts,
      )?.number ?? null
    );
  },

  resumes(remembered, candidate) {
    const first = remembered.filter((r) => r.number === candidate);
    return [...first, ...remembered.filter((r) => r.number !== candidate)];
  },

  mayCancel: (d) => !d.switched,

  resumeFrom(status, switched) {
    if (switched) return 'FINALIZING';
    return status === 'PROVISIONING' || status === 'BUILDING' ? null : status;
  },
};

const at_ = (url: string | null) => (url === null ? '' : ` (${url})`);
