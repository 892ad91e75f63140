import { end, supersede } from './carry.ts';
import { newDeployment } from './deployment.ts';
import type { Draft } from './draft.ts';
import { MissingFact, testedKey } from './facts.ts';
import { findJoinable } from './joining.ts';
import type { Deployment } from './types.ts';

/** What becomes of a deployment whose commit is not tested: 2.3, and 2.6 for a red head. */
export function failUntested(draft: Draft, d: Deployment, why: string): void {
  if (d.headSignal && belowRedHead(draft, d, why)) return;
  end(draft, d, 'FAILED', {
    rule: 'untested',
    reasonCode: 'untested',
    reason: `${short(d.sha)} is not tested: ${why}`,
  });
}

/**
 * 2.6: a signal without a commit had the head as its upper bound. It is superseded by a deployment of
 * the newest tested commit at or before it that live does not contain; false when there is none.
 */
function belowRedHead(draft: Draft, d: Deployment, why: string): boolean {
  const { facts, live, rules } = draft;
  const head = d.sha ?? '';
  const liveSha = live?.sha ?? null;
  const tested = facts.testedUpTo.get(testedKey(head, liveSha));
  if (!tested) throw new MissingFact({ kind: 'testedUpTo', head, live: liveSha });
  const sha = rules.belowRedHead(
    tested.map((one) => ({ number: d.number, sha: one, override: false })),
    live,
    facts,
  );
  if (sha === null) return false;
  const because = {
    rule: 'red_head',
    reason: `${short(head)} is not tested (${why}); the newest tested commit before it is ${short(sha)}`,
  } as const;
  const wanted = newDeployment(
    {
      number: draft.nextNumber,
      target: sha,
      sha,
      mode: d.mode,
      configVersion: facts.configVersion,
      acceptedAt: draft.at,
      by: d.by,
      rule: 'red_head',
    },
    {
      status: 'AWAITING_BUILD',
      overrideHold: d.overrideHold,
      presentSince: draft.at,
      seenOnBranch: true,
      reason: because.reason,
    },
  );
  const other = findJoinable(draft, wanted, d.number);
  if (other) {
    supersede(draft, d, other.number, because);
    return true;
  }
  const stand = draft.add(wanted);
  supersede(draft, d, stand.number, because);
  draft.enter(stand, because);
  return true;
}

const short = (sha: string | null) => (sha ?? '').slice(0, 12);
