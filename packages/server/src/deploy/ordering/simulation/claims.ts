import { STEP_NAMES } from '../../pipeline-types.ts';
import type { Decision, Deployment, OrderingEvent } from '../types.ts';
import type { Claim, World } from './world.ts';

/**
 * The promises of ordering.md 7 as claims about every single transition, stated against the world and
 * not against the code: each says which deployment breaks it.
 */

export class Broken extends Error {
  override readonly name = 'Broken';
}

function claim(holds: boolean, promise: string, d?: { number: number } | null): asserts holds {
  if (!holds) throw new Broken(d ? `${promise}: #${d.number}` : promise);
}

const isStep = (status: string) => (STEP_NAMES as readonly string[]).includes(status);
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

/** The one whose outcome a superseded deployment will share. */
function holderOf(world: World, superseded: Deployment): Deployment {
  let d = superseded;
  for (let hops = 0; d.supersededBy !== null; hops++) {
    claim(hops <= world.state.deployments.size, 'superseded in a circle', superseded);
    const next = world.state.deployments.get(d.supersededBy);
    claim(next !== undefined, 'superseded by one that has ended, yet not ended', superseded);
    d = next;
  }
  return d;
}

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

/** Every end is one that the specification allows in this very situation. */
const endsAreJustified: Claim = (before, event, decided, after) => {
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

/** Tested commits at or before a head that live does not contain. */
function belowHead(before: World, head: string, after: World): string[] {
  const live = before.state.live?.sha ?? null;
  return after.graph.all().filter((sha) => {
    if (!after.present.has(sha) || after.verdict(sha).state !== 'passed') return false;
    if (sha !== head && !after.graph.isAncestor(sha, head)) return false;
    if (after.graph.mergedAt(sha) === null) return false;
    return live === null || (sha !== live && !contains(after, live, sha));
  });
}

/** Live holds the commit, and no force push has put live off the branch (3.1). */
const contains = (world: World, live: string, sha: string) =>
  world.graph.isAncestor(sha, live) &&
  (world.graph.mergedAt(live) !== null || world.graph.mergedAt(sha) === null);

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

/** 2.6: what stands in for a red head is the newest tested commit before it that live does not contain. */
const standInIsNewest: Claim = (before, _event, decided, after) => {
  for (const one of decided.decisions) {
    if (one.rule !== 'red_head' || one.supersededBy === null) continue;
    const head = after.find(one.number)?.sha ?? '';
    const chosen = after.find(one.supersededBy)?.sha ?? '';
    const able = belowHead(before, head, after);
    claim(able.includes(chosen), 'the stand-in is not tested, or live already', one);
    const later = after.graph.mergedAt(chosen) ?? -1;
    for (const other of able) {
      claim(!after.graph.isAncestor(chosen, other), 'a newer commit could stand in', one);
      claim((after.graph.mergedAt(other) ?? -1) <= later, 'a later merge could stand in', one);
    }
  }
};

/** 3.5: the newest returns, and only if live does not contain it; cancelled ones give no fall-back. */
const theRightOneReturns: Claim = (before, _event, decided, after) => {
  for (const one of decided.decisions) {
    if (one.rule === 'cancelled' && one.to === 'CANCELLED') noFallBack(before, after, one.number);
    if (one.rule !== 'superseder_failed' || one.to !== 'QUEUED') continue;
    const back = after.find(one.number);
    claim(back !== null && back.sha !== null, 'nobody returns', one);
    if (back.rollbackRelease !== null) continue;
    const live = after.state.live;
    const same = live?.sha === back.sha && live.configVersion === back.configVersion;
    if (live && live.number !== back.number)
      claim(
        !contains(after, live.sha, back.sha) && !(same && back.mode !== 'FORCE'),
        'returns although live contains it',
        back,
      );
    for (const other of decided.decisions) {
      const d = after.find(other.number);
      if (other.rule !== 'stands_behind' || other.supersededBy !== back.number || !d?.sha) continue;
      const better = after.graph.isAncestor(back.sha, d.sha) && after.passed(d.sha);
      claim(!better || after.graph.mergedAt(d.sha) === null, 'a newer one stands behind it', d);
    }
  }
};

function noFallBack(before: World, after: World, cancelled: number): void {
  for (const d of before.unfinished()) {
    if (d.status !== 'SUPERSEDED' || holderOf(before, d).number !== cancelled) continue;
    claim(
      after.ended.get(d.number)?.status === 'CANCELLED',
      'outlived its cancelled superseder',
      d,
    );
  }
}

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

/** 4.1, 4.2 */
const holdIsKept: Claim = (before, event, decided, after) => {
  if (event.kind === 'rollback') {
    claim(after.state.hold !== null, 'a rollback without a hold');
    const queued = before.queued();
    if (queued && queued.rollbackRelease === null) {
      claim(after.ended.get(queued.number)?.status === 'HELD', 'the queued one stayed', queued);
      claim(
        after.state.remembered.some((r) => r.number === queued.number),
        'forgotten',
        queued,
      );
    }
    const running = before.running();
    if (running && !running.switched)
      claim(after.find(running.number)?.cancelRequestedBy != null, 'it runs on', running);
    if (running?.switched)
      claim(!decided.commands.some((c) => c.kind === 'abort'), 'stopped past its switch', running);
    const next = [after.running(), after.queued()];
    claim(
      next.some((d) => d?.rollbackRelease === event.releaseUuid),
      'the rollback does not come',
    );
  } else if (event.kind === 'resume') {
    claim(after.state.hold === null, 'still on hold');
    claim(after.state.remembered.length === 0, 'still remembering');
    const wanted = before.state.remembered.find((r) => r.number === before.state.candidate);
    if (wanted) {
      const { answer } = decided;
      claim(answer.kind === 'resumed' && answer.number !== null, 'the candidate is not deployed');
      claim(after.find(answer.number)?.sha === wanted.sha, 'another one than the candidate');
      for (const r of before.state.remembered)
        if (r.sha !== null && betterThanLive(after, { ...r, sha: r.sha }))
          claim(
            [...after.unfinished(), ...after.ended.values()].some(
              (d) => d.sha === r.sha && !before.find(d.number),
            ) || after.unfinished().some((d) => d.sha === r.sha),
            'a remembered commit was dropped',
            r,
          );
    }
  } else if (before.state.hold) claim(after.state.hold !== null, 'the hold went away');
  if (event.kind !== 'step' && event.kind !== 'switch') candidateWins(after);
};

const betterThanLive = (world: World, r: { sha: string; number: number }) =>
  world.present.has(r.sha) &&
  world.graph.mergedAt(r.sha) !== null &&
  (world.state.live === null ||
    (r.sha !== world.state.live.sha && world.graph.newer(r, world.state.live)));

function candidateWins(world: World): void {
  if (!world.state.hold || world.rewrites > 0) return;
  const able = world.state.remembered.filter(
    (r): r is typeof r & { sha: string } =>
      r.sha !== null && betterThanLive(world, { ...r, sha: r.sha }),
  );
  if (able.length === 0) return;
  const chosen = able.find((r) => r.number === world.state.candidate);
  claim(chosen !== undefined, 'no candidate', able[0]);
  const winner = able.find((r) => able.every((o) => o === r || world.graph.newer(r, o)));
  if (winner) claim(winner.number === chosen.number, 'the candidate is not the winner', winner);
}

/** 4.3 and 6 */
const cancelAndRecover: Claim = (before, event, decided, after) => {
  if (event.kind === 'cancel') {
    const d = before.state.deployments.get(event.number);
    if (d?.switched) claim(decided.answer.kind === 'already_live', 'cancelled what is live', d);
    else if (d && d.status !== 'SUPERSEDED') {
      claim(decided.answer.kind === 'cancelled', 'not cancelled', d);
      if (isStep(d.status) && d.cancelRequestedBy === null)
        claim(
          decided.commands.some((c) => c.kind === 'abort' && c.number === d.number),
          'runs on',
          d,
        );
    }
  }
  if (event.kind === 'switch' && before.find(event.number)?.cancelRequestedBy != null)
    claim(after.state.live?.number === before.state.live?.number, 'a cancelled one went live');
  if (event.kind !== 'recover') return;
  const d = before.running();
  const start = decided.commands.find((c) => c.kind === 'start' && c.number === d?.number);
  if (!d || start?.kind !== 'start') return;
  const restarted = start.resumeFrom === null;
  const early = d.status === 'PROVISIONING' || d.status === 'BUILDING';
  claim(restarted === (early && !d.switched), 'release commands could run twice', d);
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

/**
 * Convergence: when all is quiet and no hold is on, nobody who was asked for and did not fail beats what
 * is live. Where section 3 has no single winner (two commits of one merge), live is one of the best.
 */
export function claimConvergence(world: World): void {
  claim(world.unfinished().length === 0, 'not at rest');
  if (world.state.hold) return;
  const { live } = world.state;
  const asked = [...world.contenders]
    .map((number) => world.find(number))
    .filter((d): d is Deployment & { sha: string } => d !== null && d.sha !== null)
    .filter((d) => d.success === true && d.status !== 'SKIPPED' && d.rollbackRelease === null)
    // A head signal whose head was red asked for what took its place (2.6).
    .filter((d) => world.passed(d.sha) && !stoodAside(world, d) && d.sha !== live?.sha);
  if (asked.length === 0) return;
  claim(live !== null, 'nothing is live');
  const all = [...asked, live];
  const best = smithSet(world, all);
  claim(best.has(live.number), `live is not the winner among ${[...best].join(', ')}`, live);
}

function stoodAside(world: World, d: Deployment): boolean {
  if (world.redHeads.has(d.number)) return true;
  const by = d.supersededBy === null ? null : world.find(d.supersededBy);
  return by !== null && by.sha === d.sha && stoodAside(world, by);
}

interface Asked {
  readonly sha: string;
  readonly number: number;
}

/**
 * Section 3. A tie does not count where the acceptance numbers do not speak: made by a history that was
 * rewritten since, or about a commit that was asked for more than once.
 */
function beats(world: World, a: Asked, b: Asked, all: readonly Asked[]): boolean {
  if (a.sha === b.sha) return a.number > b.number;
  const as = (x: number, y: number) => world.graph.newer({ ...a, number: x }, { ...b, number: y });
  const tie = as(1, 2) !== as(2, 1);
  const often = (one: Asked) => {
    const asked = [...world.ended.values(), ...all].filter((d) => d.sha === one.sha);
    return new Set(asked.map((d) => d.number)).size > 1;
  };
  if (tie && (world.rewrites > Math.min(a.number, b.number) || often(a) || often(b))) return false;
  return world.graph.newer(a, b);
}

/** The smallest set whose members all beat everybody outside; one member where there is a winner. */
function smithSet(world: World, all: readonly Asked[]): Set<number> {
  const wins = (a: Asked) => all.filter((b) => b !== a && beats(world, a, b, all)).length;
  const ranked = [...all].sort((a, b) => wins(b) - wins(a));
  const inside: Asked[] = [];
  for (const one of ranked) {
    const outside = ranked.filter((b) => !inside.includes(b));
    if (inside.length > 0 && outside.every((b) => inside.every((a) => beats(world, a, b, all))))
      break;
    inside.push(one);
  }
  return new Set(inside.map((d) => d.number));
}
