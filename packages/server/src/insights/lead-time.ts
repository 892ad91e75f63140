import type { Sample } from './statistics.ts';
import { type Deployment, inOrder } from './timeline.ts';

/** A commit of the repository's graph. */
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  /** What the committer's clock said, in milliseconds. */
  readonly committedAt: number;
}

/** A branch or tag that came to name a commit. */
export interface Push {
  readonly sha: string;
  readonly receivedAt: number;
}

interface Facts {
  /** Any commit that is missing here, and all below it, were live before. */
  readonly graph: ReadonlyMap<string, Commit>;
  readonly pushes: readonly Push[];
  /** Whether something was live before the first of the deployments. */
  readonly hadLive: boolean;
}

/**
 * Pure: for each commit the seconds from its commit time to the moment in which it was first live in the environment,
 * dated by that moment. When a deployment brings several commits, each of them counts; of the first deployment that an
 * environment ever had only the commit that it names, for the history below it was not waiting for anything.
 */
export function leadTimes(deployments: readonly Deployment[], facts: Facts): Sample[] {
  const { graph } = facts;
  const arrivals = findArrivals(graph, facts.pushes);
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let isFirst = !facts.hadLive;
  for (const { sha: head, liveAt: at } of inOrder(deployments)) {
    if (at === null) continue;
    for (const commit of newBelow(head, graph, seen)) {
      if (isFirst && commit.sha !== head) continue;
      const begun = Math.min(commit.committedAt, arrivals.get(commit.sha) ?? at);
      samples.push({ at, value: Math.max(0, at - begun) / 1_000 });
    }
    isFirst = false;
  }
  return samples;
}

/** When each commit reached the server: with the first push from which it can be reached. */
function findArrivals(
  graph: ReadonlyMap<string, Commit>,
  pushes: readonly Push[],
): Map<string, number> {
  const arrivals = new Map<string, number>();
  const seen = new Set<string>();
  for (const { sha, receivedAt } of [...pushes].sort((a, b) => a.receivedAt - b.receivedAt)) {
    for (const commit of newBelow(sha, graph, seen)) arrivals.set(commit.sha, receivedAt);
  }
  return arrivals;
}

/** The commits reachable from `head` that are not in `seen`, which they join. */
function newBelow(head: string, graph: ReadonlyMap<string, Commit>, seen: Set<string>): Commit[] {
  const found: Commit[] = [];
  const ahead = [head];
  for (let sha = ahead.pop(); sha !== undefined; sha = ahead.pop()) {
    const commit = graph.get(sha);
    if (commit === undefined || seen.has(sha)) continue;
    seen.add(sha);
    found.push(commit);
    ahead.push(...commit.parents);
  }
  return found;
}
