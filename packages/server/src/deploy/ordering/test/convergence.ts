import type { Deployment } from '../types.ts';
import { claim } from './claim.ts';
import type { World } from './world.ts';

/**
 * Convergence: when all is quiet and no hold is on, nobody who was asked for and did not fail beats what
 * is live. Where section 3 has no single winner (two commits of one merge), live is one of the best.
 */
export function claimConvergence(world: World): void {
  claim(world.unfinished().length === 0, 'not at rest');
  if (world.state.hold) return;
  const { live } = world.state;
  const asked = [...world.contenders]
    .map((number) => world.find(number))
    .filter((d): d is Deployment & { sha: string } => d !== null && d.sha !== null)
    .filter((d) => d.success === true && d.status !== 'SKIPPED' && d.rollbackRelease === null)
    // A head signal whose head was red asked for what took its place (2.6).
    .filter((d) => world.passed(d.sha) && !stoodAside(world, d) && d.sha !== live?.sha);
  if (asked.length === 0) return;
  claim(live !== null, 'nothing is live');
  const all = [...asked, live];
  const best = smithSet(world, all);
  claim(best.has(live.number), `live is not the winner among ${[...best].join(', ')}`, live);
}

function stoodAside(world: World, d: Deployment): boolean {
  if (world.redHeads.has(d.number)) return true;
  const by = d.supersededBy === null ? null : world.find(d.supersededBy);
  return by !== null && by.sha === d.sha && stoodAside(world, by);
}

interface Asked {
  readonly sha: string;
  readonly number: number;
}

/**
 * Section 3. A tie does not count where the acceptance numbers do not speak: made by a history that was
 * rewritten since, or about a commit that was asked for more than once.
 */
function beats(world: World, a: Asked, b: Asked, all: readonly Asked[]): boolean {
  if (a.sha === b.sha) return a.number > b.number;
  const as = (x: number, y: number) => world.graph.newer({ ...a, number: x }, { ...b, number: y });
  const tie = as(1, 2) !== as(2, 1);
  const often = (one: Asked) => {
    const asked = [...world.ended.values(), ...all].filter((d) => d.sha === one.sha);
    return new Set(asked.map((d) => d.number)).size > 1;
  };
  if (tie && (world.rewrites > Math.min(a.number, b.number) || often(a) || often(b))) return false;
  return world.graph.newer(a, b);
}

/** The smallest set whose members all beat everybody outside; one member where there is a winner. */
function smithSet(world: World, all: readonly Asked[]): Set<number> {
  const wins = (a: Asked) => all.filter((b) => b !== a && beats(world, a, b, all)).length;
  const ranked = [...all].sort((a, b) => wins(b) - wins(a));
  const inside: Asked[] = [];
  for (const one of ranked) {
    const outside = ranked.filter((b) => !inside.includes(b));
    if (inside.length > 0 && outside.every((b) => inside.every((a) => beats(world, a, b, all))))
      break;
    inside.push(one);
  }
  return new Set(inside.map((d) => d.number));
}
