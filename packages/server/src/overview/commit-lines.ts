import type { CommitLine } from '@sluice/contract';
import type { CommitInfo, Git } from '../git/types.ts';

const MOST_KEPT = 5_000;

export const commitLine = ({ sha, subject, author, committedAt }: CommitInfo): CommitLine => ({
  ...{ sha, subject },
  author: author.name,
  // The offset is the author's own; a moment is the same everywhere.
  committed_at: new Date(committedAt).toISOString(),
});

/** What commits say in one line. They never change, so those that were read are kept. */
export function createCommitLines(git: Pick<Git, 'commits'>) {
  const kept = new Map<string, CommitLine>();
  /** Answers those that are here; at most one git process. */
  return async (
    repositoryUuid: string,
    shas: readonly string[],
  ): Promise<ReadonlyMap<string, CommitLine>> => {
    const missing = [...new Set(shas)].filter((sha) => !kept.has(sha));
    if (missing.length > 0) {
      if (kept.size > MOST_KEPT) kept.clear();
      for (const commit of await git.commits(repositoryUuid, missing)) {
        kept.set(commit.sha, commitLine(commit));
      }
    }
    const found = new Map<string, CommitLine>();
    for (const sha of shas) {
      const line = kept.get(sha);
      if (line !== undefined) found.set(sha, line);
    }
    return found;
  };
}

export type CommitLines = ReturnType<typeof createCommitLines>;
