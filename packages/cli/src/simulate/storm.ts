/** What happens in a simulation: commits that are made beforehand, and what is done with them, when. */
export interface Storm {
  /** Null for one that was read from a file. */
  readonly seed: number | null;
  /** The environment waits for a build (spec/ordering.md 2.3). */
  readonly gate: boolean;
  readonly autoDeploy: boolean;
  /** More deployments than this may not have run; null: no claim. */
  readonly atMost: number | null;
  readonly commits: readonly CommitPlan[];
  /** By time. */
  readonly actions: readonly Action[];
}

export interface CommitPlan {
  readonly name: string;
  /** Names of earlier ones; the first parent first. */
  readonly parents: readonly string[];
  readonly testMs: number;
  readonly passes: boolean;
  /** How long its release command takes; 0: it has none. */
  readonly deployMs: number;
  readonly deploys: boolean;
}

export type Door = 'v1' | 'v3';

export type Deed =
  | { readonly do: 'push'; readonly commit: string; readonly branch: string }
  | { readonly do: 'force-push'; readonly commit: string; readonly branch: string }
  /** `commit` null: the head of the branch. Signals with one `key` are one, delivered more than once. */
  | {
      readonly do: 'signal';
      readonly commit: string | null;
      readonly door: Door;
      readonly key: string | null;
    }
  | { readonly do: 'rollback' }
  | { readonly do: 'resume' }
  | { readonly do: 'crash' };

/** `at`: milliseconds after the beginning. */
export type Action = Deed & { readonly at: number };

/** The branch that the environment tracks. */
export const BRANCH = 'main';

export const byTime = (actions: readonly Action[]): Action[] =>
  [...actions].sort((a, b) => a.at - b.at);

/** Commits that come to the server as the head of a push: those that its CI builds. */
export function pushedHeads(storm: Storm): Set<string> {
  const pushes = storm.actions.filter((one) => one.do === 'push' || one.do === 'force-push');
  return new Set(pushes.map((one) => one.commit));
}
