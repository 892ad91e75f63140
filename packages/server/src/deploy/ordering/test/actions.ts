import { type BuildMode, STEP_NAMES } from '../../pipeline-types.ts';
import type { World } from './world.ts';

/** What may happen to a world, as data: numbers pick a commit or deployment modulo what there is. */
export type Action =
  | { readonly do: 'push'; readonly late: boolean }
  | { readonly do: 'merge'; readonly from: number; readonly wide: boolean }
  | { readonly do: 'feature'; readonly from: number }
  | { readonly do: 'foxtrot'; readonly from: number }
  | { readonly do: 'force_push'; readonly to: number }
  | { readonly do: 'arrive' }
  | { readonly do: 'build'; readonly commit: number; readonly result: BuildResult }
  | {
      readonly do: 'signal';
      readonly commit: number | null;
      readonly mode: BuildMode;
      readonly override: 'none' | 'off_branch' | 'hold';
    }
  | { readonly do: 'step'; readonly to: number }
  | { readonly do: 'switch' }
  | { readonly do: 'end'; readonly ok: boolean }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'rollback'; readonly which: number }
  | { readonly do: 'resume' }
  | { readonly do: 'crash' }
  | { readonly do: 'config' }
  | { readonly do: 'gate'; readonly on: boolean }
  | { readonly do: 'wait'; readonly seconds: number };

type BuildResult = 'unfinished' | 'passed' | 'failed';

export function act(world: World, action: Action): void {
  const { graph } = world;
  const pick = (index: number) => {
    const all = graph.all();
    return all[index % all.length] ?? null;
  };
  switch (action.do) {
    case 'push': {
      const tip = world.onTheWay.at(-1) ?? graph.head;
      world.onTheWay.push(graph.add(tip === null ? [] : [tip]));
      if (!action.late) arriveAll(world);
      return;
    }
    case 'merge': {
      arriveAll(world);
      const from = pick(action.from);
      if (graph.head === null || from === null) return;
      const side = graph.add([from]);
      const tips = action.wide ? [side, graph.add([from])] : [side];
      for (const tip of tips) world.present.add(tip);
      moveHead(world, graph.add([graph.head, ...tips]));
      return;
    }
    case 'feature': {
      const from = pick(action.from);
      if (from !== null) world.present.add(graph.add([from]));
      return;
    }
    case 'foxtrot': {
      arriveAll(world);
      const from = pick(action.from);
      if (graph.head === null || from === null || from === graph.head) return;
      rewrite(world);
      moveHead(world, graph.add([from, graph.head]));
      return;
    }
    case 'force_push': {
      arriveAll(world);
      const to = pick(action.to);
      if (to === null || to === graph.head) return;
      graph.head = to;
      world.present.add(to);
      rewrite(world);
      world.apply({ kind: 'observe' });
      return;
    }
    case 'arrive':
      arriveAll(world);
      return;
    case 'build': {
      const sha = pick(action.commit);
      if (sha === null) return;
      world.verdicts.set(sha, verdictOf(action.result));
      world.apply({ kind: 'observe' });
      return;
    }
    case 'signal': {
      const sha = action.commit === null ? null : pick(action.commit);
      if (graph.head === null) return;
      signal(world, sha, action.mode, action.override);
      return;
    }
    case 'step':
      world.step(STEP_NAMES[action.to % STEP_NAMES.length] ?? 'BUILDING');
      return;
    case 'switch':
      world.switchOver();
      return;
    case 'end':
      world.end(action.ok);
      return;
    case 'cancel': {
      const numbers = [...world.state.deployments.keys(), ...world.ended.keys()];
      const number = numbers[action.which % Math.max(1, numbers.length)];
      if (number === undefined) return;
      const d = world.state.deployments.get(number);
      if (d && d.status !== 'SUPERSEDED' && !d.switched) world.cancelled.add(number);
      world.apply({ kind: 'cancel', number, by: 'someone' });
      return;
    }
    case 'rollback': {
      const release = world.releases[action.which % Math.max(1, world.releases.length)];
      if (release)
        world.apply({ kind: 'rollback', ...release, by: 'someone', reason: 'it is broken' });
      world.disrupt();
      return;
    }
    case 'resume':
      if (world.state.hold) world.apply({ kind: 'resume', by: 'someone' });
      return;
    case 'crash':
      world.state = reloaded(world.state);
      world.apply({ kind: 'recover' });
      return;
    case 'config':
      world.configVersion += 1;
      return;
    case 'gate':
      world.gate = action.on;
      world.apply({ kind: 'observe' });
      return;
    case 'wait':
      world.now += action.seconds * 1000;
      world.apply({ kind: 'observe' });
      return;
  }
}

export function signal(
  world: World,
  sha: string | null,
  mode: BuildMode = 'AUTO',
  override: 'none' | 'off_branch' | 'hold' = 'none',
): number {
  const { answer } = world.apply({
    kind: 'signal',
    arrivedAt: world.now,
    target: sha,
    sha: sha ?? world.graph.head,
    mode,
    by: 'ci',
    allowOffBranch: override === 'off_branch',
    overrideHold: override === 'hold',
    explicit: false,
  });
  if (override !== 'none') world.disrupt();
  return 'number' in answer ? (answer.number ?? 0) : 0;
}

const verdictOf = (result: BuildResult) =>
  result === 'failed'
    ? ({ state: 'failed', result: 'failed', url: null } as const)
    : ({ state: result, url: null } as const);

function moveHead(world: World, sha: string): void {
  world.graph.head = sha;
  world.present.add(sha);
  world.apply({ kind: 'observe' });
}

function rewrite(world: World): void {
  world.rewrites = world.state.nextNumber;
  world.disrupt();
  for (const number of world.contenders)
    if (world.graph.mergedAt(world.find(number)?.sha ?? '') === null)
      world.contenders.delete(number);
}

/** The outside pushes come here: the signal may have been before the source. */
function arriveAll(world: World): void {
  for (const sha of world.onTheWay) moveHead(world, sha);
  world.onTheWay = [];
}

/** The state as it comes back from storage. */
function reloaded(state: World['state']): World['state'] {
  const text = JSON.stringify({ ...state, deployments: [...state.deployments] });
  const parsed: unknown = JSON.parse(text, (key, value: unknown) =>
    key === 'deployments' ? new Map(value as [number, never][]) : value,
  );
  return parsed as World['state'];
}

/** Lets everything that is under way come to its end: pushes, builds, pipelines, deadlines. */
export function quiesce(world: World, outcome: (sha: string) => boolean = () => true): void {
  arriveAll(world);
  for (const sha of world.graph.all())
    if (world.verdict(sha).state === 'unfinished') {
      world.verdicts.set(sha, verdictOf(outcome(sha) ? 'passed' : 'failed'));
    }
  world.apply({ kind: 'observe' });
  for (let rounds = 0; world.unfinished().length > 0; rounds++) {
    if (rounds > 300) throw new Error('it never comes to rest');
    if (world.running()) world.end(true);
    else {
      world.now += 121_000;
      world.apply({ kind: 'observe' });
    }
  }
}
