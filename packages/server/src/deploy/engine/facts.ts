import { decide } from '../ordering/decide.ts';
import { ancestryKey, type FactKey, MissingFact, testedKey } from '../ordering/facts.ts';
import type { CommitFacts, Decided, Facts, OrderingEvent, TargetFacts } from '../ordering/types.ts';
import type { EngineDeps } from './context.ts';
import type { Loaded } from './environment.ts';
import type { Fetcher } from './fetcher.ts';
import { imageOf } from './images.ts';
import { deciding, passedAmong } from './verdicts.ts';

const MOST_FACTS = 10_000;
const MOST_MOVES = 20;
const COMMITS_BELOW_A_RED_HEAD = 1_000;

/** Decides, collecting from git and the CI's verdicts exactly the facts that the decision asks for. */
export function createDecider(deps: EngineDeps, fetcher: Fetcher) {
  return async (loaded: Loaded, event: OrderingEvent, at: number): Promise<Decided> => {
    const history = deps.git.history(loaded.repositoryUuid);
    for (let moves = 0; moves < MOST_MOVES; moves++) {
      const head = await history.head(loaded.branch);
      const facts = emptyFacts(deps, loaded, fetcher);
      const decided = await decideWith(deps, loaded, event, at, facts);
      // Facts of two different heads must not meet in one decision.
      if ((await history.head(loaded.branch)) === head) return decided;
    }
    throw new Error(`the head of ${loaded.repositorySlug} ${loaded.branch} does not hold still`);
  };
}

async function decideWith(
  deps: EngineDeps,
  loaded: Loaded,
  event: OrderingEvent,
  at: number,
  facts: Collected,
): Promise<Decided> {
  for (let count = 0; count < MOST_FACTS; count++) {
    try {
      return decide(loaded.state, event, facts, at);
    } catch (error) {
      if (!(error instanceof MissingFact)) throw error;
      await collect(deps, loaded, facts, error.key);
    }
  }
  throw new Error(`a decision about ${loaded.environmentUuid} asks for too many facts`);
}

interface Collected extends Facts {
  readonly commits: Map<string, CommitFacts>;
  readonly ancestry: Map<string, boolean>;
  readonly targets: Map<string, TargetFacts>;
  readonly testedUpTo: Map<string, readonly string[]>;
}

function emptyFacts(deps: EngineDeps, loaded: Loaded, fetcher: Fetcher): Collected {
  const fetched = fetcher.last(loaded.repositoryUuid);
  return {
    repository: loaded.repositorySlug,
    branch: loaded.branch,
    mirror: loaded.mirror,
    gate: loaded.gate,
    configVersion: loaded.configVersion,
    fetchBegan: fetched.began,
    fetchError: fetched.error,
    commits: new Map(),
    ancestry: new Map(),
    targets: new Map(),
    testedUpTo: new Map(),
    limits: deps.limits,
  };
}

async function collect(
  deps: EngineDeps,
  loaded: Loaded,
  facts: Collected,
  key: FactKey,
): Promise<void> {
  const history = deps.git.history(loaded.repositoryUuid);
  switch (key.kind) {
    case 'commit': {
      const present = await history.present(key.sha);
      const merged = present ? await history.mergedAt(key.sha, loaded.branch) : null;
      facts.commits.set(key.sha, {
        present,
        mergedAt: merged?.firstParentIndex ?? null,
        verdict: await deciding(deps, loaded.repositoryUuid, key.sha, present),
        image: await imageOf(deps.store, loaded, key.sha),
      });
      return;
    }
    case 'ancestry':
      facts.ancestry.set(
        ancestryKey(key.ancestor, key.descendant),
        key.ancestor !== key.descendant && (await history.isAncestor(key.ancestor, key.descendant)),
      );
      return;
    case 'target':
      facts.targets.set(key.text, await resolveLate(deps, loaded, key.text));
      return;
    case 'testedUpTo': {
      // What a force push left live does not hide what lies before the head now (3.1).
      const base =
        key.live !== null && (await history.mergedAt(key.live, loaded.branch)) ? key.live : null;
      const range = await history.commitsBetween(base, key.head, COMMITS_BELOW_A_RED_HEAD);
      facts.testedUpTo.set(
        testedKey(key.head, key.live),
        await passedAmong(deps.store, loaded.repositoryUuid, range),
      );
    }
  }
}

/** A branch or tag that could not be resolved when its signal was accepted. */
async function resolveLate(deps: EngineDeps, loaded: Loaded, text: string): Promise<TargetFacts> {
  const history = deps.git.history(loaded.repositoryUuid);
  if (text === '') {
    const sha = await history.head(loaded.branch);
    if (sha !== null) return { kind: 'commit', sha };
  } else {
    const found = await history.resolve(text);
    if ('sha' in found) return { kind: 'commit', sha: found.sha };
  }
  return { kind: 'unknown', exists: await history.branches() };
}
