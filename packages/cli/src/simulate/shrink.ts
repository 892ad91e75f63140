import type { Action, Storm } from './storm.ts';

/**
 * Looks for a shorter storm that fails too, by leaving out pieces, large ones first, until nothing can be left
 * out or the time is over. What fails only now and then may fail to fail: the answer is the shortest one seen.
 */
export async function shrink(
  storm: Storm,
  fails: (candidate: Storm) => Promise<boolean>,
  withinMs: number,
): Promise<Storm> {
  const end = Date.now() + withinMs;
  if (withinMs <= 0) return storm;
  let shortest = storm;
  let size = Math.ceil(storm.actions.length / 2);
  while (size >= 1) {
    let shorter = false;
    for (let from = 0; from < shortest.actions.length; from += size) {
      if (Date.now() > end) return shortest;
      const candidate = without(shortest, shortest.actions.slice(from, from + size));
      if (candidate.actions.length === 0 || !(await fails(candidate))) continue;
      shortest = candidate;
      shorter = true;
      from -= size;
    }
    if (!shorter) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return shortest;
}

/** The storm without some actions, and without the commits that nobody speaks of any more. */
export function without(storm: Storm, left: readonly Action[]): Storm {
  const actions = storm.actions.filter((action) => !left.includes(action));
  const named = new Set(actions.flatMap((action) => ('commit' in action ? [action.commit] : [])));
  for (const commit of [...storm.commits].reverse())
    if (named.has(commit.name)) for (const parent of commit.parents) named.add(parent);
  return { ...storm, actions, commits: storm.commits.filter(({ name }) => named.has(name)) };
}
