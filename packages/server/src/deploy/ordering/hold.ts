import { end, remember } from './carry.ts';
import { newDeployment } from './deployment.ts';
import type { Draft } from './draft.ts';
import type { Deployment, OrderingEvent, Remembered } from './types.ts';

/** Section 4.1 and 4.2: rollback, hold, candidate. */

export function putOnHold(draft: Draft, d: Deployment): void {
  const { hold } = draft;
  remember(draft, d);
  const since = new Date(hold?.since ?? draft.at).toISOString();
  end(draft, d, 'HELD', {
    rule: 'on_hold',
    reasonCode: 'on_hold',
    reason: `the environment is on hold since ${since} by ${hold?.by ?? ''}: ${hold?.reason ?? ''}`,
  });
}

const AS_ASKED = ['target', 'sha', 'mode', 'headSignal', 'allowOffBranch', 'explicit'] as const;

/**
 * A signal on hold that asks for what an earlier one asked for: at the resume the earlier one would only join it, so it
 * stands for both. However often somebody asks, what is remembered does not grow.
 */
export function standForEarlier(draft: Draft, d: Deployment): void {
  const same = (other: Remembered) =>
    d.sha !== null && AS_ASKED.every((name) => other[name] === d[name]);
  draft.remembered = draft.remembered.filter((other) => !same(other));
}

/** 4.1: in one decision the hold is set, the queued one kept as candidate, the running one cancelled. */
export function rollBack(draft: Draft, event: OrderingEvent & { kind: 'rollback' }): Deployment {
  const plan = draft.rules.rollbackPlan(draft.queued(), draft.running());
  if (plan.hold) draft.hold = draft.hold ?? { since: draft.at, by: event.by, reason: event.reason };
  if (plan.remember) putOnHold(draft, plan.remember);
  if (plan.cancel) requestCancel(draft, plan.cancel, `${event.by} (rollback)`);
  const added = draft.add(
    newDeployment(
      {
        number: draft.nextNumber,
        target: event.sha,
        sha: event.sha,
        mode: 'AUTO',
        configVersion: event.configVersion,
        acceptedAt: draft.at,
        by: event.by,
        rule: 'rollback',
      },
      {
        status: 'AWAITING_BUILD',
        presentSince: draft.at,
        rollbackRelease: event.releaseUuid,
        reason: event.reason,
      },
    ),
  );
  draft.enter(added, { rule: 'rollback', reason: event.reason });
  return added;
}

/** Asks the running one to stop; it ends when its pipeline has cleaned up. */
export function requestCancel(draft: Draft, d: Deployment, by: string): void {
  if (d.cancelRequestedBy !== null) return;
  draft.move(
    d,
    d.status,
    { rule: 'cancelled', reason: `${by} asked to cancel it` },
    { cancelRequestedBy: by },
  );
  draft.command({ kind: 'abort', number: d.number });
}
