import { branchOf, refusedRef } from './names.ts';
import { ABSENT, type RefUpdate } from './types.ts';

export interface PushPolicy {
  /** The right to take commits off a protected branch. */
  readonly canForce: boolean;
  /** And that it is meant: `git push -o force`. An administrator's `--force` may be a habit. */
  readonly saysForce: boolean;
  /** Short names; the default branch is one of them. */
  readonly protectedBranches: readonly string[];
}

/**
 * Why a push is refused, one line for each ref; empty = accepted. A push is taken whole or not at all.
 * Pure: what is on disk was looked up by the hook, inside git's quarantine.
 */
export function judgePush(updates: readonly RefUpdate[], policy: PushPolicy): string[] {
  const lines: string[] = [];
  for (const update of updates) {
    const why = judge(update, policy);
    if (why !== null) lines.push(`${printable(update.ref)}: ${why}`);
  }
  return lines;
}

function judge({ ref, after, fastForward }: RefUpdate, policy: PushPolicy): string | null {
  const branch = branchOf(ref);
  const isDeletion = after === ABSENT;
  // A ref with a name that is refused today may have come before: it must be possible to delete it.
  const bad = isDeletion ? null : refusedRef(ref);
  if (bad !== null) return bad;
  if (branch === null || !policy.protectedBranches.includes(branch)) return null;
  if (fastForward && !isDeletion) return null;
  if (policy.canForce && policy.saysForce) return null;
  const what = isDeletion
    ? 'this would delete it'
    : 'this would take commits off it; fetch and merge first';
  const how = policy.canForce
    ? 'or, if you mean it: git push --force -o force'
    : 'or ask somebody with the right to force-push';
  return `the branch is protected, ${what}, ${how}`;
}

/** Control characters would reach the pusher's terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be replaced
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}
