/**
 * What can never change once it is known: where a commit joined the first-parent line of one certain head.
 * Each decision asks it of every commit in play, and git would have to be started for each.
 */
export interface MergeCache {
  get(head: string, sha: string): number | null | undefined;
  /** Only of commits that are present, and only when the branch still had this head afterwards. */
  keep(head: string, found: ReadonlyMap<string, number | null>): void;
}

const MOST = 50_000;

export function createMergeCache(): MergeCache {
  const known = new Map<string, number | null>();
  return {
    get: (head, sha) => known.get(`${head} ${sha}`),
    keep: (head, found) => {
      for (const [sha, mergedAt] of found) {
        if (known.size >= MOST) known.clear();
        known.set(`${head} ${sha}`, mergedAt);
      }
    },
  };
}
