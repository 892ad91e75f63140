import type { Deployment } from '../types.ts';
import { claim, holderOf, isStep } from './claim.ts';
import { endsAreJustified } from './claims-ends.ts';
import { cancelAndRecover, holdIsKept } from './claims-hold.ts';
import { standInIsNewest, theRightOneReturns } from './claims-returns.ts';
import type { Claim, World } from './world.ts';

/**
 * The promises of ordering.md 7 as claims about every single transition, stated against the world and
 * not against the code: each says which deployment breaks it.
 */

const ENDS = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'SKIPPED', 'HELD'];

/** One at a time; nobody waits while nothing runs. */
const oneAtATime: Claim = (_before, event, _decided, after) => {
  const running = after.unfinished().filter((d) => isStep(d.status));
  const queued = after.unfinished().filter((d) => d.status === 'QUEUED');
  claim(running.length <= 1, 'two deployments run at once');
  claim(queued.length <= 1, 'two deployments are queued at once');
  if (event.kind !== 'step' && event.kind !== 'switch')
    claim(running.length === 1 || queued.length === 0, 'queued while nothing runs', queued[0]);
};

/** Nothing lost: an end is an end, has a reason, and sets `ended_at` and `success` together. */
const endsAreFinal: Claim = (before, _event, decided, after) => {
  for (const d of decided.changed) {
    claim(!before.ended.has(d.number), 'an ended deployment changed', d);
    claim((d.endedAt === null) === (d.success === null), 'ended_at and success differ', d);
    if (ENDS.includes(d.status)) claim(d.endedAt !== null, 'an end without ended_at', d);
    else if (d.status !== 'SUPERSEDED') claim(d.endedAt === null, 'ended while it goes on', d);
    if (d.endedAt !== null)
      claim(Boolean(d.reason) || d.supersededBy !== null, 'an end without a reason', d);
    if (d.status === 'SUPERSEDED') claim(d.supersededBy !== null, 'superseded by nobody', d);
    if (d.status === 'SUPERSEDED' && d.endedAt === null) holderOf(after, d);
  }
  for (const decision of decided.decisions)
    claim(decision.rule.length > 0, 'a decision without a rule', decision);
};

/** Monotony: live moves to an older commit only by a rollback or a named override. */
const monotony: Claim = (before, event, _decided, after) => {
  const was = before.state.live;
  const is = after.state.live;
  if (was === null || is === null || was.number === is.number) return;
  if (event.kind === 'ended' && !event.outcome.ok) {
    claim(
      is.number === before.state.previousLive?.number,
      'a failure left something else live',
      is,
    );
    return;
  }
  const d = after.find(is.number);
  claim(d !== null, 'live is nobody', is);
  if (d.rollbackRelease !== null || d.overrideHold || d.allowOffBranch) return;
  // Judged when it entered the queue or later; a history rewritten since then is judged at the next step.
  if (!rewrittenSince(after, d) && after.rewrites <= was.number)
    claim(was.sha === is.sha || after.graph.newer(is, was), 'live moved to an older commit', is);
};

/** While it ran, its commit left the branch: that alone does not stop it (3). */
const rewrittenSince = (world: World, d: Deployment) =>
  world.graph.mergedAt(d.sha ?? '') === null || world.rewrites > d.number;

/** Tested is deployed; only commits of the branch; on hold only what a person named. */
const startsAreAllowed: Claim = (_before, event, decided, after) => {
  for (const command of decided.commands) {
    if (command.kind !== 'start' || event.kind === 'recover') continue;
    const d = after.find(command.number);
    claim(d !== null, 'nobody starts', command);
    claim(d.cancelRequestedBy === null, 'a cancelled one starts', d);
    if (d.rollbackRelease !== null) continue;
    const sha = d.sha ?? '';
    const byName = d.explicit && after.verdict(sha).state === 'impossible';
    claim(after.passed(sha) || byName, 'an untested commit starts', d);
    claim(d.allowOffBranch || after.graph.mergedAt(sha) !== null, 'starts off the branch', d);
    claim(after.state.hold === null || d.overrideHold, 'starts on hold', d);
    claim(d.configVersion === after.configVersion, 'starts with an old configuration', d);
    claim(d.mode !== 'ADOPT' || after.images.has(sha), 'adopts an image that is not there', d);
  }
};

/** 3: whoever loses its place loses it to one that is newer by history. */
const supersededByNewer: Claim = (before, _event, decided, after) => {
  for (const one of decided.decisions) {
    if (one.to !== 'SUPERSEDED' || one.supersededBy === null || one.rule === 'mirrored') continue;
    const d = after.find(one.number);
    const by = after.find(one.supersededBy);
    claim(d !== null && by !== null, 'superseded by nobody', one);
    if (one.rule === 'joined' || one.rule === 'same_as_live')
      claim(d.sha === by.sha, 'joined another commit', d);
    if (one.rule === 'joined')
      claim(!(d.mode === 'FORCE' && before.running()?.number === by.number), 'FORCE joined', d);
    if (one.rule === 'red_head')
      claim(!after.passed(d.sha ?? ''), 'a green head was passed over', d);
    if (!HISTORY.includes(one.rule)) continue;
    const pair = [
      { sha: by.sha ?? '', number: by.number },
      { sha: d.sha ?? '', number: d.number },
    ] as const;
    claim(
      pair[0].sha === pair[1].sha ||
        after.graph.newer(...pair) ||
        by.number === before.state.live?.number,
      'superseded by an older commit',
      d,
    );
    if (by.number === before.state.live?.number && after.state.live?.number === by.number)
      claim(
        pair[0].sha === pair[1].sha || after.graph.newer(...pair),
        'superseded by an older live commit',
        d,
      );
  }
};
const HISTORY = ['on_branch', 'descendant', 'later_merge', 'acceptance_number'];

/** What a signal is answered. */
const signalsAreAnswered: Claim = (before, event, decided, after) => {
  if (event.kind !== 'signal') return;
  const { answer } = decided;
  claim('number' in answer && answer.number !== null, 'a signal without a deployment');
  const d = after.find(answer.number);
  claim(d !== null, 'a signal without a deployment', answer as { number: number });
  claim(d.sha === event.sha, 'a signal got another commit', d);
  const onHold = before.state.hold !== null && !event.overrideHold;
  if (onHold) claim(d.status === 'HELD' || d.status === 'SKIPPED', 'not held', d);
  if (onHold && d.status === 'HELD')
    claim(
      after.state.remembered.some((r) => r.number === d.number),
      'held and forgotten',
      d,
    );
  if (answer.kind === 'created') {
    const live = before.state.live;
    const changed =
      event.mode === 'FORCE' ||
      event.target === null ||
      live?.configVersion !== after.configVersion;
    const leaving = before.running() !== null && before.running()?.number !== live?.number;
    claim(live?.sha !== event.sha || changed || onHold || leaving, 'deploys again what is live', d);
    return;
  }
  claim(!onHold, 'joined on hold', d);
  claim(d.configVersion === after.configVersion, 'joined another configuration', d);
  if (answer.kind === 'live') {
    claim(event.mode !== 'FORCE' && event.target !== null, 'answered with live', d);
    return;
  }
  claim(d.mode === event.mode, 'joined another build mode', d);
  claim(d.cancelRequestedBy === null, 'joined one that is being cancelled', d);
  if (event.mode === 'FORCE') claim(!isStep(d.status), 'FORCE joined one that has started', d);
  if (event.target === null) claim(d.headSignal, 'the head signal was forgotten (2.6)', d);
};

/** 2.4: nobody waits for a commit longer than the limit. */
const waitsEnd: Claim = (_before, event, _decided, after) => {
  if (event.kind === 'step' || event.kind === 'switch') return;
  for (const d of after.unfinished())
    if (d.status === 'AWAITING_COMMIT')
      claim(after.now < d.acceptedAt + 120_000, 'waits too long for its commit', d);
};

/** Two signals for one commit: one deployment (fault 4). */
const noTwins: Claim = (_before, _event, _decided, after) => {
  const seen = new Map<string, Deployment>();
  for (const d of after.unfinished()) {
    if (d.status === 'SUPERSEDED' || d.rollbackRelease !== null) continue;
    if (d.cancelRequestedBy !== null || (d.mode === 'FORCE' && isStep(d.status))) continue;
    const key = `${d.sha} ${d.mode} ${d.configVersion}`;
    claim(!seen.has(key), 'two deployments with one fingerprint', d);
    seen.set(key, d);
  }
};

export const CLAIMS: readonly Claim[] = [
  oneAtATime,
  endsAreFinal,
  monotony,
  startsAreAllowed,
  supersededByNewer,
  endsAreJustified,
  signalsAreAnswered,
  noTwins,
  waitsEnd,
  standInIsNewest,
  theRightOneReturns,
  holdIsKept,
  cancelAndRecover,
];
