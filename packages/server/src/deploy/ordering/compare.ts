import { commitFacts, isStrictAncestor } from './facts.ts';
import type { Facts, RuleName } from './types.ts';

/** One of two that are compared: a deployment, or what is live. */
export interface Contender {
  readonly number: number;
  readonly sha: string;
  /** Named by a person against the order: wins over all that was accepted before it. */
  readonly override: boolean;
}

export interface Comparison {
  readonly newer: boolean;
  readonly rule: RuleName;
}

/**
 * Section 3: is `a` newer than `b`? By history only; the acceptance number decides where history does
 * not. Both commits must be present.
 */
export function compare(a: Contender, b: Contender, facts: Facts): Comparison {
  return (
    byOverride(a, b) ??
    byBranch(a, b, facts) ??
    byDescent(a, b, facts) ??
    byMerge(a, b, facts) ??
    byAcceptance(a, b)
  );
}

/**
 * A commit that a person put before the order by name (`allow_off_branch`, `override_hold`, rollback)
 * wins over what was accepted before it. What comes after it is judged by history again.
 */
export function byOverride(a: Contender, b: Contender): Comparison | null {
  if (a.override && a.number > b.number) return { newer: true, rule: 'named_override' };
  if (b.override && b.number > a.number) return { newer: false, rule: 'named_override' };
  return null;
}

/** 3.1 On the branch beats off the branch. */
export function byBranch(a: Contender, b: Contender, facts: Facts): Comparison | null {
  const aOn = commitFacts(facts, a.sha).mergedAt !== null;
  const bOn = commitFacts(facts, b.sha).mergedAt !== null;
  return aOn === bOn ? null : { newer: aOn, rule: 'on_branch' };
}

/** 3.2 A descendant beats its strict ancestor. */
export function byDescent(a: Contender, b: Contender, facts: Facts): Comparison | null {
  if (a.sha === b.sha) return null;
  const aMerged = commitFacts(facts, a.sha).mergedAt ?? 0;
  const bMerged = commitFacts(facts, b.sha).mergedAt ?? 0;
  // What became reachable earlier cannot descend from what became reachable later: ask git only once.
  if (bMerged <= aMerged && isStrictAncestor(facts, b.sha, a.sha))
    return { newer: true, rule: 'descendant' };
  if (aMerged <= bMerged && isStrictAncestor(facts, a.sha, b.sha))
    return { newer: false, rule: 'descendant' };
  return null;
}

/** 3.3 The one whose merge comes later on the branch's first-parent line. */
export function byMerge(a: Contender, b: Contender, facts: Facts): Comparison | null {
  const aMerged = commitFacts(facts, a.sha).mergedAt ?? 0;
  const bMerged = commitFacts(facts, b.sha).mergedAt ?? 0;
  return aMerged === bMerged ? null : { newer: aMerged > bMerged, rule: 'later_merge' };
}

/** 3.4 The acceptance number. */
export function byAcceptance(a: Contender, b: Contender): Comparison {
  return { newer: a.number > b.number, rule: 'acceptance_number' };
}
