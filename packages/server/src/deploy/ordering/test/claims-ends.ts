import type { Decision, Deployment, OrderingEvent } from '../types.ts';
import { belowHead, claim, contains } from './claim.ts';
import type { Claim, World } from './world.ts';

/** Every end is one that the specification allows in this very situation. */
export const endsAreJustified: Claim = (before, event, decided, after) => {
  for (const one of decided.decisions) {
    const d = after.ended.get(one.number);
    if (!d || before.ended.has(one.number) || d.status !== one.to) continue;
    if (d.status === 'FAILED') failedRightly(before, event, after, d);
    if (d.status === 'CANCELLED') cancelledRightly(before, event, after, d, decided.decisions);
    if (d.status === 'SKIPPED')
      claim(after.graph.mergedAt(d.sha ?? '') === null, 'skipped on the branch', d);
    if (d.status === 'HELD')
      claim(after.state.hold !== null || before.state.hold !== null, 'held without a hold', d);
    if (d.status === 'SUPERSEDED') mirroredRightly(after, d);
  }
};

function failedRightly(before: World, event: OrderingEvent, after: World, d: Deployment): void {
  const sha = d.sha ?? '';
  if (d.rule === 'pipeline_failed') {
    claim(event.kind === 'ended' && event.number === d.number, 'failed by another pipeline', d);
    return;
  }
  if (d.rule === 'no_image') {
    claim(d.mode === 'ADOPT' && !after.images.has(sha), 'no_image with an image', d);
    return;
  }
  if (d.rule === 'awaiting_commit_deadline') {
    claim(!after.present.has(sha), 'a commit that is here was not found', d);
    claim(after.now >= d.acceptedAt + 120_000, 'gave up on the commit early', d);
    return;
  }
  claim(d.rule === 'untested', 'failed for no known reason', d);
  claim(!after.passed(sha), 'a tested commit is called untested', d);
  const { state } = after.verdict(sha);
  claim(state !== 'unfinished', 'failed while its build runs', d);
  if (state === 'none') claim(after.now >= (d.presentSince ?? 0) + 120_000, 'gave up early', d);
  if (d.headSignal)
    claim(belowHead(before, sha, after).length === 0, 'lost to a red head (2.6)', d);
}

function cancelledRightly(
  before: World,
  event: OrderingEvent,
  after: World,
  d: Deployment,
  decisions: readonly Decision[],
): void {
  claim(!d.switched, 'cancelled after its switch', d);
  if (d.rule === 'removed_from_branch') {
    claim(after.graph.mergedAt(d.sha ?? '') === null, 'removed, yet on the branch', d);
    return;
  }
  if (d.rule === 'cancelled') {
    claim(
      after.cancelled.has(d.number) ||
        before.find(d.number)?.cancelRequestedBy != null ||
        event.kind === 'rollback',
      'cancelled by nobody',
      d,
    );
    return;
  }
  claim(d.rule === 'superseder_cancelled', 'cancelled for no known reason', d);
  const by = before.find(d.number)?.supersededBy ?? null;
  claim(by !== null, 'cancelled with nobody', d);
  const root = decisions.find(
    (one) => one.to === 'CANCELLED' && one.rule !== 'superseder_cancelled',
  );
  claim(root !== undefined, 'cancelled with one that was not', d);
  if (root.rule === 'removed_from_branch')
    claim(
      after.graph.mergedAt(d.sha ?? '') === null || !after.passed(d.sha ?? '') || d.allowOffBranch,
      'a commit of the branch was lost with one that left it',
      d,
    );
}

/** 3.5 and 3.6 */
function mirroredRightly(after: World, d: Deployment): void {
  let root = d;
  for (let hops = 0; root.status === 'SUPERSEDED' && hops < 1000; hops++) {
    const next = after.find(root.supersededBy ?? 0);
    claim(next !== null, 'superseded by nobody', d);
    root = next;
  }
  if (d.success) {
    const live = root.number === after.state.live?.number;
    claim(root.status === 'SUCCEEDED' || live, 'green without its superseder', d);
    return;
  }
  claim(root.success === false, 'red without its superseder', d);
  if (root.status === 'HELD') return;
  const sha = d.sha ?? '';
  const live = after.state.live;
  const inLive = live !== null && (sha === live.sha || contains(after, live.sha, sha));
  claim(
    !after.passed(sha) || inLive || after.graph.mergedAt(sha) === null,
    'tested, and lost to the failure of its superseder (3.5)',
    d,
  );
}
