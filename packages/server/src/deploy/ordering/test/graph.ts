/**
 * A git history small enough to hold in the hand, with its own statement of "newer" (ordering.md 3).
 * It is written from the specification a second time, so that the tests do not believe the code.
 */
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
}

export class Graph {
  readonly commits = new Map<string, Commit>();
  private readonly reach = new Map<string, ReadonlySet<string>>();
  head: string | null = null;

  clone(): Graph {
    const copy = new Graph();
    for (const [sha, commit] of this.commits) copy.commits.set(sha, commit);
    for (const [sha, reach] of this.reach) copy.reach.set(sha, reach);
    copy.head = this.head;
    return copy;
  }

  add(parents: readonly string[]): string {
    const sha = `c${this.commits.size + 1}`;
    this.commits.set(sha, { sha, parents });
    const reach = new Set<string>(parents);
    for (const parent of parents) for (const far of this.reach.get(parent) ?? []) reach.add(far);
    this.reach.set(sha, reach);
    return sha;
  }

  all(): string[] {
    return [...this.commits.keys()];
  }

  /** Strict. */
  isAncestor(a: string, b: string): boolean {
    return this.reach.get(b)?.has(a) ?? false;
  }

  firstParentLine(): string[] {
    const line: string[] = [];
    for (let at = this.head; at; at = this.commits.get(at)?.parents[0] ?? null) line.unshift(at);
    return line;
  }

  /** Index on the first-parent line where `sha` became reachable; null: not on the branch. */
  mergedAt(sha: string): number | null {
    const index = this.firstParentLine().findIndex((on) => on === sha || this.isAncestor(sha, on));
    return index < 0 ? null : index;
  }

  /** Section 3, on (commit, acceptance number). */
  newer(a: { sha: string; number: number }, b: { sha: string; number: number }): boolean {
    const aAt = this.mergedAt(a.sha);
    const bAt = this.mergedAt(b.sha);
    if ((aAt === null) !== (bAt === null)) return aAt !== null;
    if (this.isAncestor(b.sha, a.sha)) return true;
    if (this.isAncestor(a.sha, b.sha)) return false;
    if (a.sha !== b.sha && aAt !== bAt) return (aAt ?? 0) > (bAt ?? 0);
    return a.number > b.number;
  }
}
