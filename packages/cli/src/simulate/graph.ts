/**
 * Section 3 of spec/ordering.md once more, small, slow and on its own: from the parents that git knows, and from
 * nothing that the server says.
 */
export interface Graph {
  /** All that can be reached from it, itself included. */
  reachable(commit: string): ReadonlySet<string>;
  /** How `a` stands to `b` while the branch is at `head`; equal where only the acceptance numbers could tell. */
  order(a: string, b: string, head: string | null): 'newer' | 'older' | 'equal';
}

export function createGraph(parents: ReadonlyMap<string, readonly string[]>): Graph {
  const known = new Map<string, ReadonlySet<string>>();

  const reachable = (commit: string): ReadonlySet<string> => {
    const found = known.get(commit);
    if (found !== undefined) return found;
    const all = new Set([commit]);
    for (const parent of parents.get(commit) ?? [])
      for (const one of reachable(parent)) all.add(one);
    known.set(commit, all);
    return all;
  };

  /** How many first parents lie below the oldest commit of the head's line that has `commit` in it. */
  const landed = (commit: string, head: string): number => {
    const line: string[] = [];
    for (let at: string | undefined = head; at !== undefined; at = parents.get(at)?.[0])
      line.unshift(at);
    return line.findIndex((one) => reachable(one).has(commit));
  };

  return {
    reachable,
    order: (a, b, head) => {
      if (a === b) return 'equal';
      const on = (commit: string) => head !== null && reachable(head).has(commit);
      if (on(a) !== on(b)) return on(a) ? 'newer' : 'older';
      if (reachable(a).has(b)) return 'newer';
      if (reachable(b).has(a)) return 'older';
      if (head === null || !on(a)) return 'equal';
      const difference = landed(a, head) - landed(b, head);
      return difference === 0 ? 'equal' : difference > 0 ? 'newer' : 'older';
    },
  };
}

/**
 * The smallest group whose members all beat everybody outside: one member where there is a winner. (Descent and
 * merges together can lead in a circle of three.)
 */
export function bestOf<T>(all: readonly T[], beats: (a: T, b: T) => boolean): Set<T> {
  const wins = (a: T) => all.filter((b) => b !== a && beats(a, b)).length;
  const ranked = [...all].sort((a, b) => wins(b) - wins(a));
  const best = new Set<T>();
  for (const one of ranked) {
    const outside = ranked.filter((other) => !best.has(other));
    const settled = outside.every((loser) => [...best].every((winner) => beats(winner, loser)));
    if (best.size > 0 && settled) break;
    best.add(one);
  }
  return best;
}
