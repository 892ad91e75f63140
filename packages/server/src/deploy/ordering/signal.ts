import { mergeFlags } from './awaiting.ts';
import { end } from './carry.ts';
import { newDeployment } from './deployment.ts';
import type { Draft } from './draft.ts';
import { commitFacts } from './facts.ts';
import { putOnHold, standForEarlier } from './hold.ts';
import { findJoinable } from './joining.ts';
import { standingLive } from './standing.ts';
import type { Answer, Deployment, Remembered, SignalEvent } from './types.ts';

export type Asked = Omit<SignalEvent, 'kind'>;

/** Accepts a signal: it joins a deployment, is answered with the live one, or makes a new one. */
export function accept(draft: Draft, asked: Asked): Answer {
  const fresh = deployment(draft, asked);
  const onHold = draft.hold !== null && !draft.rules.passesHold(fresh);
  if (!onHold) {
    const other = findJoinable(draft, fresh, null);
    if (other) {
      mergeFlags(draft, other, fresh);
      return { kind: 'joined', number: other.number };
    }
    const live = standingLive(draft);
    if (live !== null && draft.rules.sameAsLive(fresh, live))
      return { kind: 'live', number: live.number };
  }
  const added = draft.add(fresh);
  if (onHold) endOnHold(draft, added);
  return { kind: 'created', number: added.number };
}

/** 4.2: at once, without waiting for a commit or a build; a commit of another branch is 2.2's case. */
function endOnHold(draft: Draft, d: Deployment): void {
  const known = d.sha === null ? null : commitFacts(draft.facts, d.sha);
  if (known?.present && draft.rules.branch(d, draft.facts, draft.at) === 'off') {
    end(draft, d, 'SKIPPED', {
      rule: 'not_on_branch',
      reasonCode: 'not_on_branch',
      reason: `${d.sha ?? ''} is not on ${draft.facts.branch}`,
    });
    return;
  }
  standForEarlier(draft, d);
  putOnHold(draft, d);
}

function deployment(draft: Draft, asked: Asked): Deployment {
  return newDeployment(
    {
      number: draft.nextNumber,
      target: asked.target,
      sha: asked.sha,
      mode: asked.mode,
      configVersion: draft.facts.configVersion,
      acceptedAt: asked.arrivedAt,
      by: asked.by,
      rule: 'accepted',
    },
    {
      headSignal: asked.target === null,
      allowOffBranch: asked.allowOffBranch,
      overrideHold: asked.overrideHold && draft.hold !== null,
      explicit: asked.explicit,
    },
  );
}

/**
 * 4.2: lifts the hold and deploys the candidate in the resumer's name; the others that were remembered
 * are accepted behind it and judged like any other. What live has since outrun is dropped.
 */
export function resume(draft: Draft, by: string): Answer {
  const { live, facts, rules } = draft;
  const stillWanted = (r: Remembered) =>
    r.sha === null ||
    !commitFacts(facts, r.sha).present ||
    rules.candidate([r], live, facts) !== null;
  const asked = rules.resumes(draft.remembered, draft.candidate).filter(stillWanted);
  draft.hold = null;
  draft.remembered = [];
  draft.candidate = null;
  const answers = asked.map((r) =>
    accept(draft, { ...r, arrivedAt: draft.at, by, overrideHold: false }),
  );
  const first = answers[0];
  return { kind: 'resumed', number: first && 'number' in first ? first.number : null };
}
