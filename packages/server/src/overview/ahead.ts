import type { Git } from '../git/types.ts';

/** What a branch has that is not live. */
export interface Ahead {
  readonly liveOnBranch: boolean;
  /** Newest first, at most `MOST_COMMITS`. */
  readonly commits: readonly string[];
}

const MOST_COMMITS = 500;
const MOST_KEPT = 2_000;
const NOTHING: Ahead = { liveOnBranch: true, commits: [] };

/** Between two commits nothing ever changes, so git is asked once for each pair. */
export function createAhead(git: Pick<Git, 'history'>) {
  const kept = new Map<string, Promise<Ahead>>();

  const look = async (
    repositoryUuid: string,
    live: string | null,
    head: string,
  ): Promise<Ahead> => {
    const history = git.history(repositoryUuid);
    const liveOnBranch = live !== null && (await history.isAncestor(live, head));
    // What a force push left live does not hide what lies before the head now (spec/ordering.md 3.1).
    const base = liveOnBranch ? live : null;
    return { liveOnBranch, commits: await history.commitsBetween(base, head, MOST_COMMITS) };
  };

  return (repositoryUuid: string, live: string | null, head: string | null): Promise<Ahead> => {
    if (head === null) return Promise.resolve({ ...NOTHING, liveOnBranch: false });
    if (live === head) return Promise.resolve(NOTHING);
    const key = `${repositoryUuid} ${live} ${head}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const asked = look(repositoryUuid, live, head);
    if (kept.size > MOST_KEPT) kept.clear();
    kept.set(key, asked);
    asked.catch(() => kept.delete(key));
    return asked;
  };
}
