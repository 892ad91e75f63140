import { end, endRemoved, leaveQueue, releaseFrom, supersede } from './carry.ts';
import type { Draft, Why } from './draft.ts';
import { failUntested } from './gate.ts';
import { putOnHold } from './hold.ts';
import { contender } from './rules.ts';
import { standingLive } from './standing.ts';
import type { Deployment } from './types.ts';

/** The judgement of section 3: on entering `QUEUED`, and again whenever something changed. */

interface Loses {
  readonly by: number;
  readonly why: Why;
}

/** Judges all that would enter `QUEUED`, those that return because of it included. */
export function judgeEntering(draft: Draft): void {
  const enterAll = () => {
    for (let next = draft.nextEntering(); next; next = draft.nextEntering())
      enterQueue(draft, next.d, next.why);
  };
  enterAll();
  // Who took a place may be older than somebody whom its former holder carried: an override stood between them, or a
  // stand-in for a red head (2.6).
  releaseNewer(draft);
  enterAll();
}

/** Judges a deployment that would enter `QUEUED` and puts it where it belongs. */
function enterQueue(draft: Draft, d: Deployment, why: Why): void {
  if (draft.hold !== null && !draft.rules.passesHold(d)) {
    putOnHold(draft, d);
    return;
  }
  if (draft.rules.imageMissing(d, draft.facts)) {
    failForImage(draft, d);
    return;
  }
  const lost = beatenByLive(draft, d) ?? beatenByRunning(draft, d) ?? beatenByQueued(draft, d);
  if (lost) {
    supersede(draft, d, lost.by, lost.why);
    return;
  }
  const displaced = draft.queued();
  const entered = draft.move({ ...d, supersededBy: null }, 'QUEUED', why);
  if (displaced)
    supersede(draft, displaced, entered.number, {
      rule: ruleAgainst(draft, entered, displaced),
      reason: `${name(entered)} is newer and took its place in the queue`,
    });
}

/** Whoever is queued is judged again: its own standing, then live and the one that runs. */
export function judgeQueuedAgain(draft: Draft): void {
  releaseNewer(draft);
  const d = draft.queued();
  if (!d || !draft.rules.judgesAgain(d)) return;
  if (draft.rules.branch(d, draft.facts, draft.at) === 'removed') {
    endRemoved(draft, d);
    return;
  }
  const gate = draft.rules.gate(d, draft.facts, draft.at);
  if (gate.kind === 'closed') {
    failUntested(draft, d, gate.why);
    return;
  }
  if (gate.kind === 'wait') {
    leaveQueue(draft, d);
    return;
  }
  const lost = beatenByLive(draft, d) ?? beatenByRunning(draft, d);
  if (lost) supersede(draft, d, lost.by, lost.why);
}

/** 2.5: at most one runs; the queued one starts as soon as none does. */
export function startNext(draft: Draft): void {
  const d = draft.queued();
  if (!d || !draft.rules.mayStart(draft.running())) return;
  draft.previousLive = null;
  const configVersion = d.rollbackRelease === null ? draft.facts.configVersion : d.configVersion;
  draft.move(
    d,
    'PROVISIONING',
    { rule: 'place_free', reason: 'no other deployment runs' },
    {
      configVersion,
    },
  );
  draft.command({ kind: 'start', number: d.number, resumeFrom: null });
}

/**
 * For those that were superseded by one which is not newer any more: the branch was rewritten (3.1, 3.3: a force push,
 * a merge that made the old head its second parent), or its build failed and an older one stands in (2.6). They do not
 * end with it.
 */
function releaseNewer(draft: Draft): void {
  for (const holder of [draft.queued(), draft.running()]) {
    if (!holder || holder.sha === null) continue;
    const standing = contender(holder, draft.facts);
    const freed = draft.carriedBy(holder.number).filter((d) => {
      if (d.sha === null) return false;
      const verdict = draft.rules.compare(contender(d, draft.facts), standing, draft.facts);
      // Not by acceptance number: that cannot change, and could lead in a circle.
      return (
        verdict.newer && verdict.rule !== 'acceptance_number' && verdict.rule !== 'named_override'
      );
    });
    releaseFrom(draft, holder, freed);
  }
}

function beatenByLive(draft: Draft, d: Deployment): Loses | null {
  const { facts, rules } = draft;
  const live = standingLive(draft);
  if (live === null || d.sha === null || d.rollbackRelease !== null) return null;
  if (rules.sameAsLive(d, live))
    return {
      by: live.number,
      why: { rule: 'same_as_live', reason: `#${live.number} already made this commit live` },
    };
  const standing = contender(d, facts);
  if (d.sha === live.sha) return null;
  const verdict = rules.compare(standing, { ...live, override: false }, facts);
  return verdict.newer ? null : older(live.number, 'live', verdict.rule);
}

function beatenByRunning(draft: Draft, d: Deployment): Loses | null {
  const running = draft.running();
  // One that is being cancelled does not go live; nobody is to be lost with it.
  if (!running || running.number === d.number || running.cancelRequestedBy !== null) return null;
  if (draft.rules.joins(d, running)) return joined(running);
  const standing = { ...contender(running, draft.facts), override: false };
  const verdict = draft.rules.compare(contender(d, draft.facts), standing, draft.facts);
  return verdict.newer ? null : older(running.number, 'running', verdict.rule);
}

function beatenByQueued(draft: Draft, d: Deployment): Loses | null {
  const queued = draft.queued();
  if (!queued || queued.number === d.number) return null;
  if (draft.rules.joins(d, queued)) return joined(queued);
  const verdict = draft.rules.compare(
    contender(d, draft.facts),
    contender(queued, draft.facts),
    draft.facts,
  );
  return verdict.newer ? null : older(queued.number, 'queued', verdict.rule);
}

const older = (by: number, what: string, rule: Why['rule']): Loses => ({
  by,
  why: { rule, reason: `older than #${by}, which is ${what}` },
});

const joined = (other: Deployment): Loses => ({
  by: other.number,
  why: { rule: 'joined', reason: `#${other.number} deploys the same commit and configuration` },
});

const ruleAgainst = (draft: Draft, winner: Deployment, loser: Deployment) =>
  draft.rules.compare(contender(winner, draft.facts), contender(loser, draft.facts), draft.facts)
    .rule;

function failForImage(draft: Draft, d: Deployment): void {
  end(draft, d, 'FAILED', {
    rule: 'no_image',
    reasonCode: 'no_image',
    reason: `no image of ${d.sha ?? ''} is built or being built; deploy it with build mode AUTO, or to another environment first`,
  });
}

const short = (d: Deployment) => (d.sha ?? d.target ?? '').slice(0, 12);
const name = (d: Deployment) => `#${d.number} (${short(d)})`;
