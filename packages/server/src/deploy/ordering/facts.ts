import type { CommitFacts, Facts } from './types.ts';

/** Which fact a decision asked for and did not find. */
export type FactKey =
  | { readonly kind: 'commit'; readonly sha: string }
  | { readonly kind: 'ancestry'; readonly ancestor: string; readonly descendant: string }
  | { readonly kind: 'target'; readonly text: string }
  | { readonly kind: 'testedUpTo'; readonly head: string; readonly live: string | null };

/**
 * Thrown by the decision when `Facts` lacks something. The caller collects it and decides again from
 * the start: so only what matters is asked of git, and the decision itself stays free of I/O.
 */
export class MissingFact extends Error {
  override readonly name = 'MissingFact';
  readonly key: FactKey;
  constructor(key: FactKey) {
    super(`missing fact: ${JSON.stringify(key)}`);
    this.key = key;
  }
}

export function commitFacts(facts: Facts, sha: string): CommitFacts {
  const found = facts.commits.get(sha);
  if (!found) throw new MissingFact({ kind: 'commit', sha });
  return found;
}

export const ancestryKey = (ancestor: string, descendant: string) => `${ancestor} ${descendant}`;

/** True when `ancestor` is a strict ancestor of `descendant`; both must be present. */
export function isStrictAncestor(facts: Facts, ancestor: string, descendant: string): boolean {
  if (ancestor === descendant) return false;
  const found = facts.ancestry.get(ancestryKey(ancestor, descendant));
  if (found === undefined) throw new MissingFact({ kind: 'ancestry', ancestor, descendant });
  return found;
}

/** Key of `Facts.targets` and `Facts.testedUpTo`. A signal without a target means the branch. */
export const targetKey = (target: string | null) => target ?? '';
export const testedKey = (head: string, live: string | null) => `${live ?? ''}..${head}`;
