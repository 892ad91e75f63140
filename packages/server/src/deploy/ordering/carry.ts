import type { Draft, Why } from './draft.ts';
import { findJoinable } from './joining.ts';
import { contender } from './rules.ts';
import { standingLive } from './standing.ts';
import type { Deployment, EndStatus } from './types.ts';

/**
 * 3.5 and 3.6: being superseded is final only with the superseder's success. Until then the chain
 * `supersededBy` leads to the one whose outcome all those before it share.
 */

/** Ends a deployment and with it, by the rule for that end, all that it carried. */
export function end(draft: Draft, d: Deployment, to: EndStatus, why: Why): void {
  const success = to === 'SUCCEEDED' || to === 'SKIPPED';
  const carried = draft.carriedBy(d.number);
  const ended = draft.close(d, to, success, why);
  settle(draft, ended, carried);
}

/** `d` stands behind `by`; where that one has already ended (it is live), `d` ends with it. */
export function supersede(draft: Draft, d: Deployment, by: number, why: Why): void {
  const superseded = { ...d, supersededBy: by };
  if (draft.find(by) !== null) {
    draft.move(superseded, 'SUPERSEDED', why);
    return;
  }
  const carried = draft.carriedBy(d.number);
  draft.close(superseded, 'SUPERSEDED', true, why);
  mirror(draft, carried, true, why.reason ?? null);
}

function settle(draft: Draft, ended: Deployment, carried: readonly Deployment[]): void {
  switch (draft.rules.fateOfCarried(ended.status as EndStatus)) {
    case 'mirror': {
      mirror(draft, carried, ended.success ?? false, null);
      return;
    }
    case 'cancel':
      for (const d of carried)
        draft.close(d, 'CANCELLED', false, {
          rule: 'superseder_cancelled',
          reasonCode: 'superseder_cancelled',
          reason: `#${ended.number}, which had taken its place, was cancelled: ${ended.reason ?? ''}`,
        });
      return;
    case 'remember':
      for (const d of carried) remember(draft, d);
      {
        mirror(draft, carried, false, ended.reason);
        return;
      }
    case 'fall_back': {
      fallBack(draft, ended, carried);
      return;
    }
  }
}

/** 3.6: the outcome of the one that took its place is also theirs. */
function mirror(
  draft: Draft,
  carried: readonly Deployment[],
  success: boolean,
  reason: string | null,
): void {
  for (const d of carried)
    draft.close(d, 'SUPERSEDED', success, {
      rule: 'mirrored',
      reasonCode: d.reasonCode,
      reason: reason ?? d.reason,
    });
}

/** 3.5: the newest tested one that the failed one had superseded returns, the others behind it. */
function fallBack(draft: Draft, failed: Deployment, carried: readonly Deployment[]): void {
  const { rules, facts, live } = draft;
  for (const { number } of carried) {
    // Ending one may have ended another with it.
    const d = draft.find(number);
    if (!d) continue;
    if (live !== null && d.sha !== null && rules.containedInLive(d, live, facts))
      supersede(draft, d, live.number, {
        rule: 'descendant',
        reason: `#${failed.number} failed; what is live (#${live.number}) contains it`,
      });
    else if (d.sha !== null && rules.branch(d, facts, draft.at) === 'removed')
      dropRemoved(draft, d, failed);
  }
  const pool = draft.carriedBy(failed.number);
  const { back, rest } = sortOut(draft, pool);
  if (back)
    comeBack(draft, back, rest, {
      rule: 'superseder_failed',
      reason: `#${failed.number}, which had taken its place, ended ${failed.status}`,
    });
  else mirror(draft, rest, false, `#${failed.number}, which took its place, failed`);
}

/** The one that returns, and those of the pool whose fate still depends on another's. */
function sortOut(draft: Draft, pool: readonly Deployment[]) {
  const back = pickReturning(draft, pool);
  const alone = pool.filter((d) => d !== back && fendsForItself(draft, d, back));
  // Nobody returns: those that one of them had superseded stay with it.
  const kept = back ? [] : alone.flatMap((d) => draft.carriedBy(d.number));
  const rest = pool.filter(
    (d) => d !== back && ![...alone, ...kept].some((other) => other.number === d.number),
  );
  return { back, rest };
}

/** Its build is being repeated: it awaits that, and those it had superseded need not wait for it (2.5). */
export function leaveQueue(draft: Draft, d: Deployment): void {
  const { facts, rules } = draft;
  const carried = draft.carriedBy(d.number);
  draft.move(d, 'AWAITING_BUILD', {
    rule: 'awaiting_build',
    reason: 'a newer build of the commit has not finished',
  });
  // Where live holds it already it has no reason of its own to run: it goes on sharing this one's fate (3.5).
  const live = standingLive(draft);
  const { back, rest } = sortOut(
    draft,
    carried.filter((one) => live === null || !rules.containedInLive(one, live, facts)),
  );
  if (back)
    comeBack(draft, back, rest, {
      rule: 'superseder_failed',
      reason: `#${d.number}, which had taken its place, awaits its build again`,
    });
}

/** A force push took it off the branch; those it had superseded that are still on it do not go with it. */
export function endRemoved(draft: Draft, d: Deployment): void {
  const { facts, rules, at } = draft;
  const staying = draft
    .carriedBy(d.number)
    .filter((one) => one.sha !== null && rules.branch(one, facts, at) === 'on');
  const back = pickReturning(draft, staying);
  if (back)
    comeBack(draft, back, staying, {
      rule: 'branch_rewritten',
      reason: `a force push took #${d.number}, which had taken its place, off ${facts.branch}`,
    });
  end(draft, d, 'CANCELLED', {
    rule: 'removed_from_branch',
    reasonCode: 'removed_from_branch',
    reason: `a force push took ${d.sha ?? ''} off ${facts.branch} before it was deployed`,
  });
}

/** A force push took it off the branch meanwhile; those behind it stand behind the failed one again. */
function dropRemoved(draft: Draft, d: Deployment, failed: Deployment): void {
  for (const behind of draft.unfinished())
    if (behind.supersededBy === d.number) draft.note(behind, { supersededBy: failed.number });
  draft.close(d, 'CANCELLED', false, {
    rule: 'removed_from_branch',
    reasonCode: 'removed_from_branch',
    reason: `a force push took it off ${draft.facts.branch}`,
  });
}

/** The newest of those that may return, or null. */
export function pickReturning(draft: Draft, pool: readonly Deployment[]): Deployment | null {
  const { rules, facts, at } = draft;
  const able = pool.filter((d) => rules.mayReturn(d, facts, at));
  const chosen = rules.returning(
    able.map((d) => contender(d, facts)),
    facts,
  );
  return able.find((d) => d.number === chosen) ?? null;
}

/**
 * A commit that is tested no longer (its build was repeated) and newer than the one that returns must not
 * be called a success because of an older one: it awaits its build, or fails by it.
 */
function fendsForItself(draft: Draft, d: Deployment, back: Deployment | null): boolean {
  const { facts, rules, at } = draft;
  if (d.sha === null || rules.mayReturn(d, facts, at)) return false;
  if (back && !rules.compare(contender(d, facts), contender(back, facts), facts).newer)
    return false;
  const gate = rules.gate(d, facts, at);
  if (gate.kind === 'wait') awaitBuildAgain(draft, d);
  // A head signal is content with a tested commit before its head (2.6).
  else if (gate.kind === 'closed' && back && !d.headSignal)
    draft.close({ ...d, supersededBy: null }, 'FAILED', false, {
      rule: 'untested',
      reasonCode: 'untested',
      reason: `${d.sha.slice(0, 12)} is not tested any more: ${gate.why}`,
    });
  else return false;
  return true;
}

/** It leaves its superseder for a build that has not finished. */
function awaitBuildAgain(draft: Draft, d: Deployment): void {
  const twin = findJoinable(draft, d, d.number);
  if (twin)
    draft.move({ ...d, supersededBy: twin.number }, 'SUPERSEDED', {
      rule: 'joined',
      reason: `#${twin.number} awaits the build of the same commit`,
    });
  else
    draft.move({ ...d, supersededBy: null }, 'AWAITING_BUILD', {
      rule: 'awaiting_build',
      reason: 'a newer build of the commit has not finished',
    });
}

/**
 * The branch was rewritten, and `freed` are newer now than `holder`, which had taken their place (3.1, 3.3): the
 * newest that is tested is judged again, those whose build has not finished await it. None ends with the holder.
 */
export function releaseFrom(draft: Draft, holder: Deployment, freed: readonly Deployment[]): void {
  const { rules, facts, at } = draft;
  const reason = `${facts.branch} or its builds were changed: #${holder.number}, which had taken its place, is no longer newer`;
  for (const d of freed) {
    if (rules.gate(d, facts, at).kind !== 'wait') continue;
    // One that awaits supersedes nobody (2.5).
    for (const behind of draft.unfinished())
      if (behind.supersededBy === d.number) draft.note(behind, { supersededBy: holder.number });
    awaitBuildAgain(draft, d);
  }
  const able = freed.filter((d) => rules.mayReturn(d, facts, at));
  const back = pickReturning(draft, able);
  if (back) comeBack(draft, back, able, { rule: 'branch_rewritten', reason });
}

/**
 * One of `pool` leaves its superseder and is judged for the queue again; the rest stand behind it.
 * Shared by the fall-back (3.5) and by a force push that takes the superseder off the branch (3.1).
 */
export function comeBack(
  draft: Draft,
  back: Deployment,
  pool: readonly Deployment[],
  why: Why,
): void {
  const returned = draft.note(back, { supersededBy: null });
  for (const d of pool) {
    if (d.number === back.number) continue;
    if (draft.rules.standsBehind(d))
      draft.move({ ...d, supersededBy: back.number }, 'SUPERSEDED', {
        rule: 'stands_behind',
        reason: `#${back.number} returned; this one stands behind it`,
      });
    else mirror(draft, [d], false, null);
  }
  draft.enter(returned, why);
}

/** 4.2: keeps in mind, for the resume, a commit that was asked for while on hold. */
export function remember(draft: Draft, d: Deployment): void {
  if (d.rollbackRelease !== null) return;
  draft.remembered = [
    ...draft.remembered,
    {
      number: d.number,
      target: d.target,
      sha: d.sha,
      mode: d.mode,
      headSignal: d.headSignal,
      allowOffBranch: d.allowOffBranch,
      explicit: d.explicit,
    },
  ];
}
