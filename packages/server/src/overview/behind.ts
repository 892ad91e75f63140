/** What the distance of an environment from its branch rests on. */
export interface BehindFacts {
  readonly live: string | null;
  readonly liveOnBranch: boolean;
  /** Commits of the branch above what is live that may go live, newest first. */
  readonly ready: readonly string[];
  /** When the first of `ready` passed, or was pushed where no build is needed; null: unknown. */
  readonly readySince: string | null;
}

/** Whether the newest commit of the branch that may go live is live. A hold alone does not change that. */
export const isNewestPassed = ({ live, liveOnBranch, ready }: BehindFacts): boolean =>
  live !== null && liveOnBranch && ready.length === 0;

/** `seconds_behind_newest_passed` (spec/ordering.md 7); null while there is nothing to be behind. `now` in ms. */
export function secondsBehind(facts: BehindFacts, now: number): number | null {
  if (isNewestPassed(facts)) return 0;
  if (facts.ready.length === 0 || facts.readySince === null) return null;
  // A clock that was set back does not put anything ahead of its branch.
  return Math.max(0, Math.round((now - Date.parse(facts.readySince)) / 1000));
}
