import type { Rules } from '../rules.ts';
import { type Action, act, quiesce } from './actions.ts';
import { CLAIMS } from './claims.ts';
import { claimConvergence } from './convergence.ts';
import { World } from './world.ts';

/** Plays a history from an empty environment, lets it come to rest and checks the promises all along. */
export function play(history: readonly Action[], rules?: Rules): World {
  const world = new World(CLAIMS, rules);
  for (const action of history) act(world, action);
  quiesce(world);
  claimConvergence(world);
  if (world.state.hold) {
    act(world, { do: 'resume' });
    quiesce(world);
    claimConvergence(world);
  }
  return world;
}
