import { end, endRemoved, supersede } from './carry.ts';
import type { Draft } from './draft.ts';
import { commitFacts, MissingFact, targetKey } from './facts.ts';
import { failUntested } from './gate.ts';
import { findJoinable } from './joining.ts';
import { buildDeadline, commitDeadline, isAwaiting } from './rules.ts';
import type { Deployment } from './types.ts';

/** Sections 2.1-2.4: from an accepted signal to a commit that may enter the queue. */

/** Looks at all that await something; those that need to wait no longer are judged for the queue. */
export function advanceAwaiting(draft: Draft): void {
  for (const { number } of draft.unfinished()) {
    // One that is looked at may take another with it: see each as it now is.
    const d = draft.find(number);
    if (d && isAwaiting(d.status) && d.rollbackRelease === null) advance(draft, d);
  }
}

function advance(draft: Draft, awaiting: Deployment): void {
  const d = awaiting.sha === null ? resolve(draft, awaiting) : awaiting;
  if (d === null) return;
  if (d.sha === null || !commitFacts(draft.facts, d.sha).present) {
    awaitCommit(draft, d);
    return;
  }
  const here = d.presentSince === null ? draft.note(d, { presentSince: draft.at }) : d;
  checkBranch(draft, here);
}

const MOST_BRANCHES = 20;

function branches(exists: readonly string[]): string {
  if (exists.length === 0) return 'it has no branch yet';
  const more = exists.length - MOST_BRANCHES;
  const shown = exists.slice(0, MOST_BRANCHES).join(', ');
  return `its branches are ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

/** 2.1: a branch or tag that no fetch could resolve yet. Null when that ended the deployment. */
function resolve(draft: Draft, d: Deployment): Deployment | null {
  const { facts } = draft;
  const fetched = facts.fetchBegan !== null && facts.fetchBegan >= d.acceptedAt;
  if (facts.mirror && !fetched) return d;
  const found = facts.targets.get(targetKey(d.target));
  if (!found) throw new MissingFact({ kind: 'target', text: targetKey(d.target) });
  if (found.kind === 'unknown') {
    end(draft, d, 'FAILED', {
      rule: 'unknown_target',
      reasonCode: 'unknown_target',
      reason: `${facts.repository} has no ${d.target === null ? 'branch' : 'branch or tag'} ${d.target ?? facts.branch}; ${branches(found.exists)}`,
    });
    return null;
  }
  const resolved = draft.note(d, { sha: found.sha });
  const other = findJoinable(draft, resolved, resolved.number);
  if (!other) return resolved;
  mergeFlags(draft, other, resolved);
  supersede(draft, resolved, other.number, {
    rule: 'joined',
    reason: `#${other.number} deploys the same commit and configuration`,
  });
  return null;
}

/** What one signal may or wants holds for the deployment that it joins. */
export function mergeFlags(
  draft: Draft,
  d: Deployment,
  signal: Pick<Deployment, 'headSignal' | 'allowOffBranch' | 'overrideHold' | 'explicit'>,
): void {
  draft.note(d, {
    headSignal: d.headSignal || signal.headSignal,
    allowOffBranch: d.allowOffBranch || signal.allowOffBranch,
    overrideHold: d.overrideHold || signal.overrideHold,
    explicit: d.explicit || signal.explicit,
  });
}

/** 2.4: fetched at once, then after 1, 2, 4, 8 ... s, up to the limit. */
function awaitCommit(draft: Draft, d: Deployment): void {
  const { facts, at, rules } = draft;
  if (rules.awaitedTooLong(d, facts.limits, at)) {
    end(draft, d, 'FAILED', {
      rule: 'awaiting_commit_deadline',
      reasonCode: 'commit_unavailable',
      reason: `${d.sha ?? d.target ?? facts.branch} did not come to ${facts.repository} within ${Math.round(
        facts.limits.awaitCommitMs / 1000,
      )} s${facts.fetchError === null ? '' : `; the last fetch said: ${facts.fetchError}`}`,
    });
    return;
  }
  const kept = d.status === 'AWAITING_COMMIT' ? d : draft.move(d, 'AWAITING_COMMIT', WAITS);
  if (kept.nextFetchAt !== null && at < kept.nextFetchAt) return;
  const fetchAttempts = kept.fetchAttempts + 1;
  const nextFetchAt = Math.max(at + 1000, kept.acceptedAt + rules.fetchDelayMs(fetchAttempts));
  draft.note(kept, { fetchAttempts, nextFetchAt });
  draft.command({ kind: 'fetch' });
}

const WAITS = { rule: 'awaiting_commit', reason: 'the commit is not here yet' } as const;

/** 2.2: only a commit on the environment's branch goes live. */
function checkBranch(draft: Draft, d: Deployment): void {
  const { facts, at, rules } = draft;
  switch (rules.branch(d, facts, at)) {
    case 'on': {
      const seen = d.seenOnBranch || commitFacts(facts, d.sha ?? '').mergedAt === null;
      checkGate(draft, seen ? d : draft.note(d, { seenOnBranch: true }));
      return;
    }
    case 'fetch_first': {
      awaitCommit(draft, d);
      return;
    }
    case 'look_again': {
      const nextFetchAt =
        d.offBranchSince === null ? at + facts.limits.secondLookMs : d.nextFetchAt;
      awaitCommit(draft, draft.note(d, { offBranchSince: d.offBranchSince ?? at, nextFetchAt }));
      return;
    }
    case 'off': {
      end(draft, d, 'SKIPPED', {
        rule: 'not_on_branch',
        reasonCode: 'not_on_branch',
        reason: `${d.sha ?? ''} is not on ${facts.branch}`,
      });
      return;
    }
    case 'removed': {
      endRemoved(draft, d);
      return;
    }
  }
}

/** 2.3: the gate. */
function checkGate(draft: Draft, d: Deployment): void {
  const gate = draft.rules.gate(d, draft.facts, draft.at);
  if (gate.kind === 'closed') {
    failUntested(draft, d, gate.why);
    return;
  }
  if (gate.kind === 'open') {
    draft.enter(d, {
      rule: 'wins_place',
      reason: 'nothing newer is live, running or queued',
    });
    return;
  }
  if (d.status !== 'AWAITING_BUILD')
    draft.move(d, 'AWAITING_BUILD', {
      rule: 'awaiting_build',
      reason: 'the build of the commit has not passed yet',
    });
}

/** The next moment at which the passing of time alone changes something, or null. */
export function nextDeadline(draft: Draft): number | null {
  const { facts } = draft;
  const moments: number[] = [];
  for (const d of draft.unfinished()) {
    if (d.status === 'AWAITING_COMMIT') {
      moments.push(commitDeadline(d, facts.limits));
      if (d.nextFetchAt !== null) moments.push(d.nextFetchAt);
    }
    if (d.status === 'AWAITING_BUILD' && d.presentSince !== null)
      if (d.sha !== null && commitFacts(facts, d.sha).verdict.state === 'none')
        moments.push(buildDeadline(d.presentSince, facts.limits));
  }
  return moments.length > 0 ? Math.min(...moments) : null;
}
