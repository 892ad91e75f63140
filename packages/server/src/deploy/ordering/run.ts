import { end, supersede } from './carry.ts';
import type { Draft } from './draft.ts';
import { requestCancel } from './hold.ts';
import { isRunning } from './rules.ts';
import type { Answer, Deployment, OrderingEvent } from './types.ts';

/** What happens to the one that runs: steps, the switch, its end, cancel, a crash of the server. */

export function recordStep(draft: Draft, event: OrderingEvent & { kind: 'step' }): void {
  const d = running(draft, event.number);
  if (d && d.status !== event.status) draft.move(d, event.status, { rule: 'step' });
}

/** 4.3: the point of no return. False: it was cancelled or overtaken before. */
export function commitSwitch(draft: Draft, event: OrderingEvent & { kind: 'switch' }): Answer {
  const d = running(draft, event.number);
  if (!d || d.cancelRequestedBy !== null || isOvertaken(draft, d))
    return { kind: 'switch', committed: false };
  if (!d.switched) goLive(draft, d, event.releaseUuid);
  return { kind: 'switch', committed: true };
}

/**
 * 7, monotony: the branch was changed while it ran, so that what is live is newer now (its commit was merged back, a
 * foxtrot merge turned the first-parent line round). Then it ends here, with live's success, and its pipeline cleans up.
 */
function isOvertaken(draft: Draft, d: Deployment): boolean {
  const { live, facts, rules } = draft;
  const rule = live === null ? null : rules.overtaken(d, live, facts);
  if (live === null || rule === null) return false;
  supersede(draft, d, live.number, {
    rule,
    reason: `${facts.branch} was changed while it ran: it is older now than #${live.number}, which is live`,
  });
  return true;
}

function goLive(draft: Draft, d: Deployment, releaseUuid: string): Deployment {
  draft.previousLive = draft.live;
  draft.live = {
    number: d.number,
    sha: d.sha ?? '',
    configVersion: d.configVersion,
    releaseUuid,
  };
  return draft.move(d, d.status, { rule: 'switch_committed' }, { switched: true, releaseUuid });
}

export function endRun(draft: Draft, event: OrderingEvent & { kind: 'ended' }): void {
  const d = running(draft, event.number);
  if (!d) return;
  const { outcome } = event;
  if (outcome.ok) {
    const lived = d.switched ? d : goLive(draft, d, outcome.releaseUuid);
    end(draft, lived, 'SUCCEEDED', { rule: 'went_live', reason: 'it is live' });
  } else {
    // A pipeline that fails after the switch has put the old release back (pipeline-types.ts).
    if (d.switched) draft.live = draft.previousLive;
    const cancelled = d.cancelRequestedBy !== null && !d.switched;
    if (cancelled) end(draft, d, 'CANCELLED', cancelledBy(d.cancelRequestedBy ?? ''));
    else end(draft, d, 'FAILED', { rule: 'pipeline_failed', ...outcome });
  }
  draft.previousLive = null;
}

/** 4.3 */
export function cancel(draft: Draft, event: OrderingEvent & { kind: 'cancel' }): Answer {
  const { number, by } = event;
  const d = draft.find(number);
  if (!d || d.status === 'SUPERSEDED')
    return { kind: draft.live?.number === number ? 'already_live' : 'already_ended', number };
  if (!isRunning(d.status)) {
    end(draft, d, 'CANCELLED', cancelledBy(by));
    return { kind: 'cancelled', number };
  }
  if (!draft.rules.mayCancel(d)) return { kind: 'already_live', number };
  requestCancel(draft, d, by);
  return { kind: 'cancelled', number };
}

/** 6: whatever was running lost its process with the server. */
export function recover(draft: Draft): void {
  const d = draft.running();
  if (!d) return;
  if (d.cancelRequestedBy !== null && !d.switched) {
    end(draft, d, 'CANCELLED', cancelledBy(d.cancelRequestedBy));
    return;
  }
  if (!isRunning(d.status)) return;
  const resumeFrom = draft.rules.resumeFrom(d.status, d.switched);
  if (resumeFrom === null)
    draft.move(d, 'PROVISIONING', {
      rule: 'restarted_from_checkout',
      reason: 'the server restarted before the release commands',
    });
  else
    draft.move(d, d.status, {
      rule: 'resumed_at_step',
      reason: `the server restarted: ${resumeFrom}`,
    });
  draft.command({ kind: 'start', number: d.number, resumeFrom });
}

const cancelledBy = (by: string) =>
  ({ rule: 'cancelled', reasonCode: 'cancelled', reason: `cancelled by ${by}` }) as const;

function running(draft: Draft, number: number): Deployment | null {
  const d = draft.find(number);
  return d && isRunning(d.status) ? d : null;
}
