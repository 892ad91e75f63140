import type { Draft, Why } from './draft.ts';
import { contender } from './rules.ts';
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
  const pool: Deployment[] = [];
  for (const d of carried) {
    if (live !== null && d.sha !== null && rules.containedInLive(d, live, facts))
      supersede(draft, d, live.number, {
        rule: 'descendant',
        reason: `#${failed.number} failed; what is live (#${live.number}) contains it`,
      });
    else if (d.sha !== null && rules.branch(d, facts, draft.at) === 'removed')
      draft.close(d, 'CANCELLED', false, {
        rule: 'removed_from_branch',
        reasonCode: 'removed_from_branch',
        reason: `a force push took it off ${facts.branch}`,
      });
    else pool.push(d);
  }
  const able = pool.filter((d) => rules.mayReturn(d, facts, draft.at));
  const chosen = rules.returning(
    able.map((d) => contender(d, facts)),
    facts,
  );
  const back = able.find((d) => d.number === chosen);
  if (!back) {
    mirror(draft, pool, false, `#${failed.number}, which took its place, failed`);
    return;
  }
  comeBack(draft, back, pool, {
    rule: 'superseder_failed',
    reason: `#${failed.number}, which had taken its place, ended ${failed.status}`,
  });
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
