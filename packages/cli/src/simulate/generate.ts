import { createRandom, type Random } from './random.ts';
import { type Action, BRANCH, byTime, type CommitPlan, type Deed, type Storm } from './storm.ts';

/** How large a random storm is. */
export interface Size {
  /** Commits of the branch. */
  readonly commits: { readonly from: number; readonly to: number };
  /** All its times are multiplied by this. */
  readonly pace: number;
}

export const LARGE: Size = { commits: { from: 4, to: 11 }, pace: 1 };
/** A few commits in a few seconds: for hundreds of storms. */
export const SMALL: Size = { commits: { from: 1, to: 4 }, pace: 0.5 };

/** A random storm. The same seed and size make the same one; crashes come on top and change nothing else. */
export function generateStorm(seed: number, crashes: boolean, size: Size = LARGE): Storm {
  const random = createRandom(seed);
  const storm = { gate: random.chance(0.6), autoDeploy: random.chance(0.2), atMost: null };
  const tree = growTree(random, size);
  const signals = tree.pushes.flatMap((push) => signalsFor(random, push));
  const end = Math.max(0, ...[...tree.pushes, ...signals].map((action) => action.at));
  const actions = [
    ...tree.pushes,
    ...signals,
    ...holds(random, end),
    ...(crashes ? crashesOf(createRandom(seed + 1_000_003), end) : []),
  ];
  const at = (ms: number) => Math.round(ms * size.pace);
  return {
    ...{ seed, ...storm },
    commits: tree.commits.map((commit) => ({
      ...commit,
      ...{ testMs: at(commit.testMs), deployMs: at(commit.deployMs) },
    })),
    actions: byTime(actions.map((action) => ({ ...action, at: at(action.at) }))),
  };
}

type Push = Extract<Action, { do: 'push' | 'force-push' }>;

/** A branch with merges of all kinds, pushed piece by piece, sometimes rewritten. */
function growTree(random: Random, size: Size): { commits: CommitPlan[]; pushes: Push[] } {
  const commits: CommitPlan[] = [];
  const pushes: Push[] = [];
  const make = (letter: string, ...parents: string[]): string => {
    const name = `${letter}${commits.length + 1}`;
    commits.push({ name, parents, ...fate(random) });
    return name;
  };
  let at = 0;
  const push = (deed: 'push' | 'force-push', commit: string, branch: string) => {
    pushes.push({ at, do: deed, commit, branch });
    at += random.chance(0.6) ? random.between(0, 150) : random.between(200, 1_500);
  };
  const line = [make('c')];
  push('push', line[0] ?? '', BRANCH);
  const count = random.between(size.commits.from, size.commits.to);
  while (line.length < count) {
    const head = line.at(-1) ?? '';
    const dice = random.next();
    if (dice < 0.55) line.push(make('c', head));
    else if (dice < 0.85) {
      const side = make('s', random.pick(line));
      if (random.chance(0.6)) push('push', side, `side-${side}`);
      // A merge that makes the old head its second parent turns the first-parent line around.
      line.push(random.chance(0.15) ? make('m', side, head) : make('m', head, side));
    } else if (line.length > 2 && random.chance(0.5)) {
      line.splice(random.between(1, line.length - 1));
      line.push(make('c', line.at(-1) ?? ''));
      push('force-push', line.at(-1) ?? '', BRANCH);
      continue;
    } else continue;
    if (random.chance(0.85) || line.length === count) push('push', line.at(-1) ?? '', BRANCH);
  }
  return { commits, pushes };
}

function fate(random: Random): Omit<CommitPlan, 'name' | 'parents'> {
  return {
    testMs: random.chance(0.5) ? 0 : random.between(50, 1_500),
    passes: random.chance(0.85),
    deployMs: random.chance(0.7) ? 0 : random.between(200, 2_500),
    deploys: random.chance(0.9),
  };
}

/** For what is pushed: none, one or several signals; early, at once or late; with or without the commit. */
function signalsFor(random: Random, push: Push): Action[] {
  if (!random.chance(push.branch === BRANCH ? 0.85 : 0.3)) return [];
  const delay = () => {
    const dice = random.next();
    if (dice < 0.2) return -random.between(0, 1_000);
    return dice < 0.7 ? random.between(0, 400) : random.between(400, 5_000);
  };
  const door = () => (random.chance(0.5) ? ('v1' as const) : ('v3' as const));
  const signal = (commit: string | null, key: string | null, at: number): Action => ({
    at: Math.max(0, at),
    ...{ do: 'signal', commit, door: door(), key },
  });
  const at = push.at + delay();
  const commit = random.chance(0.85) ? push.commit : null;
  if (!random.chance(0.25)) return [signal(commit, null, at)];
  // The same once more: a retry with its key, or another caller.
  const key = random.chance(0.5) ? `k-${push.commit}-${push.at}` : null;
  return [signal(commit, key, at), signal(commit, key, at + random.between(0, 3_000))];
}

function holds(random: Random, end: number): Action[] {
  if (!random.chance(0.25)) return [];
  const at = random.between(Math.floor(end / 2), end + 2_000);
  const rollback: Deed = { do: 'rollback' };
  const resume: Deed = { do: 'resume' };
  return [
    { at, ...rollback },
    ...(random.chance(0.7) ? [{ at: at + random.between(500, 4_000), ...resume }] : []),
  ];
}

function crashesOf(random: Random, end: number): Action[] {
  return Array.from({ length: random.between(1, 3) }, () => ({
    at: random.between(200, end + 5_000),
    do: 'crash' as const,
  }));
}
