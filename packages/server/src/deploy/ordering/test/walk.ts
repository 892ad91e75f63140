import type { Rules } from '../rules.ts';
import { type Action, act, quiesce } from './actions.ts';
import { CLAIMS } from './claims.ts';
import { claimConvergence } from './convergence.ts';
import { World } from './world.ts';

/** A small history and everything that may happen to it. */
export interface Ground {
  readonly name: string;
  /** Builds the history; nothing is signalled yet. */
  readonly before: readonly Action[];
  readonly alphabet: readonly Action[];
  /** Length of the sequences in the normal run, which has to stay short. */
  readonly depth: number;
}

const signal = (commit: number | null, mode: 'AUTO' | 'FORCE' | 'ADOPT' = 'AUTO'): Action => ({
  do: 'signal',
  commit,
  mode,
  override: 'none',
});
const override = (commit: number, how: 'off_branch' | 'hold'): Action => ({
  do: 'signal',
  commit,
  mode: 'AUTO',
  override: how,
});
const push: Action = { do: 'push', late: false };
const build = (commit: number, result: 'passed' | 'failed' | 'unfinished'): Action => ({
  do: 'build',
  commit,
  result,
});
const PIPELINE: readonly Action[] = [
  { do: 'end', ok: true },
  { do: 'end', ok: false },
];

export const GROUNDS: readonly Ground[] = [
  {
    name: 'three commits in a row, all tested',
    before: [push, push, push, build(0, 'passed'), build(1, 'passed'), build(2, 'passed')],
    depth: 4,
    alphabet: [
      signal(0),
      signal(1),
      signal(2),
      signal(null),
      signal(1, 'FORCE'),
      ...PIPELINE,
      { do: 'switch' },
      { do: 'cancel', which: 0 },
      { do: 'cancel', which: 1 },
      { do: 'crash' },
    ],
  },
  {
    name: 'builds that pass, fail and are repeated',
    before: [push, push, push],
    depth: 5,
    alphabet: [
      signal(0),
      signal(1),
      signal(null),
      build(0, 'passed'),
      build(1, 'passed'),
      build(1, 'unfinished'),
      build(2, 'passed'),
      build(2, 'failed'),
      ...PIPELINE,
      { do: 'wait', seconds: 121 },
    ],
  },
  {
    name: 'rollback, hold, resume',
    before: [
      push,
      push,
      push,
      build(0, 'passed'),
      build(1, 'passed'),
      build(2, 'passed'),
      signal(0),
      { do: 'end', ok: true },
      signal(1),
      { do: 'end', ok: true },
    ],
    depth: 4,
    alphabet: [
      signal(1),
      signal(2),
      signal(null),
      override(2, 'hold'),
      { do: 'rollback', which: 0 },
      { do: 'resume' },
      ...PIPELINE,
      { do: 'switch' },
      { do: 'crash' },
    ],
  },
  {
    name: 'side branches and force pushes',
    before: [
      push,
      { do: 'merge', from: 0, wide: true },
      { do: 'feature', from: 0 },
      ...[0, 1, 2, 3, 4].map((commit) => build(commit, 'passed')),
    ],
    depth: 4,
    alphabet: [
      signal(0),
      signal(1),
      signal(2),
      signal(3),
      signal(4),
      override(4, 'off_branch'),
      { do: 'force_push', to: 0 },
      { do: 'force_push', to: 3 },
      ...PIPELINE,
    ],
  },
  {
    name: 'the signal before the source',
    before: [push, build(0, 'passed'), { do: 'push', late: true }, { do: 'push', late: true }],
    depth: 5,
    alphabet: [
      signal(0),
      signal(1),
      signal(2),
      signal(null, 'ADOPT'),
      build(1, 'passed'),
      build(2, 'passed'),
      { do: 'arrive' },
      { do: 'wait', seconds: 60 },
      { do: 'wait', seconds: 61 },
      { do: 'config' },
      ...PIPELINE,
    ],
  },
];

/**
 * Plays every sequence of the alphabet up to `depth`, and from each place lets the world come to rest and
 * checks the promises. Places that differ in nothing that matters are entered once.
 */
export function walk(ground: Ground, depth: number, rules?: Rules): number {
  const start = new World(CLAIMS, rules);
  for (const action of ground.before) act(start, action);
  const seen = new Set<string>();
  let places = 0;
  const visit = (world: World, left: number): void => {
    const key = `${left} ${keyOf(world)}`;
    if (seen.has(key)) return;
    seen.add(key);
    places += 1;
    rest(world.clone());
    if (left === 0) return;
    for (const action of ground.alphabet) {
      const next = world.clone();
      act(next, action);
      visit(next, left - 1);
    }
  };
  visit(start, depth);
  return places;
}

function rest(world: World): void {
  quiesce(world);
  claimConvergence(world);
  if (!world.state.hold) return;
  act(world, { do: 'resume' });
  quiesce(world);
  claimConvergence(world);
}

/** All that the future and the claims depend on. */
function keyOf(world: World): string {
  return JSON.stringify([
    { ...world.state, deployments: [...world.state.deployments] },
    [...world.ended.values()].map((d) => [d.number, d.sha, d.status, d.success, d.supersededBy]),
    [...world.verdicts],
    world.graph.head,
    world.onTheWay,
    world.now,
    world.configVersion,
    [...world.contenders],
    world.releases,
  ]);
}
