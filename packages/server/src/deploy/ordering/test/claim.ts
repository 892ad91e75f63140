import { STEP_NAMES } from '../../pipeline-types.ts';
import type { Deployment } from '../types.ts';
import type { World } from './world.ts';

class Broken extends Error {
  override readonly name = 'Broken';
}

export function claim(
  holds: boolean,
  promise: string,
  d?: { number: number } | null,
): asserts holds {
  if (!holds) throw new Broken(d ? `${promise}: #${d.number}` : promise);
}

export const isStep = (status: string) => (STEP_NAMES as readonly string[]).includes(status);

/** The one whose outcome a superseded deployment will share. */
export function holderOf(world: World, superseded: Deployment): Deployment {
  let d = superseded;
  for (let hops = 0; d.supersededBy !== null; hops++) {
    claim(hops <= world.state.deployments.size, 'superseded in a circle', superseded);
    const next = world.state.deployments.get(d.supersededBy);
    claim(next !== undefined, 'superseded by one that has ended, yet not ended', superseded);
    d = next;
  }
  return d;
}

/** Tested commits at or before a head that live does not contain. */
export function belowHead(before: World, head: string, after: World): string[] {
  const live = before.state.live?.sha ?? null;
  return after.graph.all().filter((sha) => {
    if (!after.present.has(sha) || after.verdict(sha).state !== 'passed') return false;
    if (sha !== head && !after.graph.isAncestor(sha, head)) return false;
    if (after.graph.mergedAt(sha) === null) return false;
    return live === null || (sha !== live && !contains(after, live, sha));
  });
}

/** Live holds the commit, and no force push has put live off the branch (3.1). */
export const contains = (world: World, live: string, sha: string) =>
  world.graph.isAncestor(sha, live) &&
  (world.graph.mergedAt(live) !== null || world.graph.mergedAt(sha) === null);
