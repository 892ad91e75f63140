import type { History } from '../../git/types.ts';
import { decide } from '../ordering/decide.ts';
import { ancestryKey, type FactKey, MissingFact, testedKey } from '../ordering/facts.ts';
import type {
  CommitFacts,
  Decided,
  EnvironmentState,
  Facts,
  OrderingEvent,
  TargetFacts,
  Verdict,
} from '../ordering/types.ts';
import type { EngineDeps } from './context.ts';
import type { Loaded } from './environment.ts';
import type { Fetcher } from './fetcher.ts';
import { createMergeCache, type MergeCache } from './history-cache.ts';
import { imageOf } from './images.ts';
import {
  createHasConfiguration,
  deciding,
  type HasConfiguration,
  passedAmong,
} from './verdicts.ts';

const MOST_FACTS = 10_000;
const MOST_MOVES = 20;
const COMMITS_BELOW_A_RED_HEAD = 1_000;

/** One decision for each event, each on the state that the one before leaves. */
export type Decider = (
  loaded: Loaded,
  events: readonly OrderingEvent[],
  at: number,
) => Promise<Decided[]>;

/** Decides, collecting from git and the CI's verdicts exactly the facts that the decisions ask for. */
export function createDecider(deps: EngineDeps, fetcher: Fetcher, upSince: () => number): Decider {
  const cache = createMergeCache();
  const hasConfiguration = createHasConfiguration(deps);
  return async (loaded, events, at) => {
    const history = deps.git.history(loaded.repositoryUuid);
    for (let moves = 0; moves < MOST_MOVES; moves++) {
      const head = await history.head(loaded.branch);
      const facts = emptyFacts(deps, loaded, fetcher, upSince());
      const present = presence(history, shasIn(loaded, events));
      const collecting = { deps, loaded, facts, head, cache, present, hasConfiguration };
      const decided: Decided[] = [];
      for (const event of events) {
        const state = decided.at(-1)?.state ?? loaded.state;
        decided.push(await decideWith(collecting, state, event, at));
      }
      // Steps and switches ask nothing of the history.
      if (facts.commits.size === 0) return decided;
      // Facts of two different heads must not meet in one decision.
      if ((await history.head(loaded.branch)) !== head) continue;
      if (head !== null) cache.keep(head, mergesIn(facts));
      return decided;
    }
    throw new Error(`the head of ${loaded.repositorySlug} ${loaded.branch} does not hold still`);
  };
}

interface Collecting {
  readonly deps: EngineDeps;
  readonly loaded: Loaded;
  readonly facts: Collected;
  /** The branch's head when the collecting began. */
  readonly head: string | null;
  readonly cache: MergeCache;
  readonly present: (sha: string) => Promise<boolean>;
  readonly hasConfiguration: HasConfiguration;
}

async function decideWith(
  collecting: Collecting,
  state: EnvironmentState,
  event: OrderingEvent,
  at: number,
): Promise<Decided> {
  for (let count = 0; count < MOST_FACTS; count++) {
    try {
      return decide(state, event, collecting.facts, at);
    } catch (error) {
      if (!(error instanceof MissingFact)) throw error;
      await collect(collecting, error.key);
    }
  }
  throw new Error(`a decision about ${collecting.loaded.environmentUuid} asks for too many facts`);
}

/** Every commit that the decisions may ask for: those that wait are looked up together, by one git process. */
function shasIn(loaded: Loaded, events: readonly OrderingEvent[]): string[] {
  const waiting = loaded.unfinished.map((row) => row.sha);
  const remembered = loaded.state.remembered.map((one) => one.sha);
  const named = events.map((event) => ('sha' in event ? event.sha : null));
  const shas = [...waiting, ...remembered, ...named, loaded.state.live?.sha ?? null];
  return [...new Set(shas.filter((sha) => sha !== null))];
}

/** Asks git when the first one is wanted; a step or a switch wants none. */
function presence(history: History, shas: readonly string[]) {
  let asked: Promise<ReadonlySet<string>> | null = null;
  return async (sha: string): Promise<boolean> => {
    if (!shas.includes(sha)) return history.present(sha);
    asked ??= history.presentAmong(shas);
    return (await asked).has(sha);
  };
}

const mergesIn = (facts: Collected) =>
  new Map(
    [...facts.commits]
      .filter(([, commit]) => commit.present)
      .map(([sha, commit]) => [sha, commit.mergedAt]),
  );

interface Collected extends Facts {
  readonly commits: Map<string, CommitFacts>;
  readonly ancestry: Map<string, boolean>;
  readonly targets: Map<string, TargetFacts>;
  readonly testedUpTo: Map<string, readonly string[]>;
}

function emptyFacts(
  deps: EngineDeps,
  loaded: Loaded,
  fetcher: Fetcher,
  upSince: number,
): Collected {
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
    limits: { ...deps.limits, upSince },
  };
}

async function collect(collecting: Collecting, key: FactKey): Promise<void> {
  const { deps, loaded, facts } = collecting;
  const history = deps.git.history(loaded.repositoryUuid);
  switch (key.kind) {
    case 'commit': {
      const present = await collecting.present(key.sha);
      const mergedAt = present ? await mergedAtOf(collecting, key.sha) : null;
      facts.commits.set(key.sha, {
        present,
        mergedAt,
        verdict: await verdictOf(collecting, key.sha, present),
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

/** Where no gate is in force, nobody asks for it. */
async function verdictOf(
  { deps, loaded, hasConfiguration }: Collecting,
  sha: string,
  present: boolean,
): Promise<Verdict> {
  if (!loaded.gate) return { state: 'none' };
  return deciding(deps.store, hasConfiguration, loaded.repositoryUuid, sha, present);
}

async function mergedAtOf(
  { deps, loaded, head, cache }: Collecting,
  sha: string,
): Promise<number | null> {
  const known = head === null ? null : cache.get(head, sha);
  if (known !== undefined) return known;
  const history = deps.git.history(loaded.repositoryUuid);
  return (await history.mergedAt(sha, loaded.branch))?.firstParentIndex ?? null;
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
