import { branchOf, refusedRef } from './names.ts';
import { ABSENT, type RefUpdate } from './types.ts';

export interface PushPolicy {
  readonly canForce: boolean;
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
  if (branch === null || policy.canForce || !policy.protectedBranches.includes(branch)) return null;
  if (isDeletion) return `the branch is protected, deleting it needs the right to force-push`;
  if (!fastForward) {
    return 'the branch is protected, this would take commits off it; fetch and merge first, or have the right to force-push';
  }
  return null;
}

/** Control characters would reach the pusher's terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be replaced
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}
