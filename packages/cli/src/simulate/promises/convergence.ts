import { bestOf } from '../graph.ts';
import { lastHead, type SeenDeployment, type StormRecord, time } from '../record.ts';
import { pushedHeads } from '../storm.ts';
import type { Promised } from './promise.ts';

/** When all is quiet, live is the winner among what was asked for and tested and did not fail. */
export const convergence: Promised = (record) => {
  if (record.onHold || record.restless !== null) return [];
  const head = lastHead(record);
  const wanted = [...contenders(record)];
  const live = record.liveCommit;
  if (wanted.length === 0) return [];
  if (live === null) return [`nothing is live, although ${wanted.join(', ')} could be`];
  const beats = (a: string, b: string) => record.graph.order(a, b, head) === 'newer';
  const best = bestOf([...new Set([...wanted, live])], beats);
  if (best.has(live)) return [];
  return [`${live} is live, but ${[...best].join(', ')} is newer and was to go live`];
};

/** Names of the commits that could be live at the end. */
function contenders(record: StormRecord): Set<string> {
  const head = lastHead(record);
  const rolledBack = lastRollback(record);
  const onBranch = (commit: string) =>
    head !== null && record.graph.reachable(head).has(commit) && mayGoLive(record, commit);
  const found = new Set<string>();
  for (const one of record.deployments) {
    if (one.commit === null || !onBranch(one.commit)) continue;
    const counts = time(one.started_at) > rolledBack && isContender(one);
    if (counts || wasResumed(record, one)) found.add(one.commit);
  }
  // Without builds nothing becomes tested, so nothing is deployed by itself.
  if (record.storm.autoDeploy && record.storm.gate && rolledBack === 0)
    for (const commit of tested(record))
      if (onBranch(commit) && !failedHere(record, commit)) found.add(commit);
  return found;
}

const isContender = ({ status }: SeenDeployment) =>
  status === 'SUCCEEDED' || status === 'SUPERSEDED';

/** It came during the hold that was lifted later (4.2). */
function wasResumed(record: StormRecord, one: SeenDeployment): boolean {
  if (one.status !== 'HELD' || one.ended_at === null) return false;
  const after = time(one.ended_at);
  return (
    time(one.started_at) > lastRollback(record) &&
    record.deeds.some(
      (deed) => deed.action.do === 'resume' && deed.refusal === null && deed.sentAt > after,
    )
  );
}

/** When the last one that was not refused was answered; 0: there was none. */
export function lastRollback(record: StormRecord): number {
  const times = record.deeds
    .filter((deed) => deed.action.do === 'rollback' && deed.refusal === null)
    .map((deed) => deed.answeredAt);
  return Math.max(0, ...times);
}

/** By the plan of the storm, not by what the server says. */
function mayGoLive(record: StormRecord, commit: string): boolean {
  const plan = record.storm.commits.find((one) => one.name === commit);
  if (plan === undefined || !plan.deploys) return false;
  return !record.storm.gate || tested(record).has(commit);
}

/** Commits that the CI builds, and whose tests pass. */
export function tested(record: StormRecord): Set<string> {
  const heads = pushedHeads(record.storm);
  const { commits } = record.storm;
  return new Set(
    commits.filter((one) => one.passes && heads.has(one.name)).map(({ name }) => name),
  );
}

const failedHere = (record: StormRecord, commit: string) =>
  record.deployments.some((one) => one.commit === commit && one.status === 'FAILED');
