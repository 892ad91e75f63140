import type { Deployment } from '../types.ts';
import { belowHead, claim, contains, holderOf } from './claim.ts';
import type { Claim, World } from './world.ts';

/** 2.6: what stands in for a red head is the newest tested commit before it that live does not contain. */
export const standInIsNewest: Claim = (before, _event, decided, after) => {
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
export const theRightOneReturns: Claim = (before, _event, decided, after) => {
  for (const one of decided.decisions) {
    if (one.rule === 'cancelled' && one.to === 'CANCELLED') noFallBack(before, after, one.number);
    if (one.rule !== 'superseder_failed' || one.to !== 'QUEUED') continue;
    const back = after.find(one.number);
    claim(back !== null && back.sha !== null, 'nobody returns', one);
    if (back.rollbackRelease !== null) continue;
    const live = after.state.live;
    const same = live?.sha === back.sha && live.configVersion === after.configVersion;
    // While a rollback runs, live is about to go: only the next look can tell.
    const runs = after.running();
    const leaving = runs !== null && runs.number !== back.number && runs.number !== live?.number;
    if (live && !leaving && live.number !== back.number)
      claim(
        !contains(after, live.sha, back.sha) && !(same && back.mode !== 'FORCE'),
        'returns although live contains it',
        back,
      );
    const behind = decided.decisions.filter((other) => other.rule === 'stands_behind');
    // An override or rollback beats what came before it, whatever history says: with one there may be no newest.
    if (behind.some(({ number }) => isNamed(after.find(number)))) continue;
    for (const other of behind) {
      const d = after.find(other.number);
      if (other.supersededBy !== back.number || !d?.sha) continue;
      const better = after.graph.isAncestor(back.sha, d.sha) && after.passed(d.sha);
      claim(!better || after.graph.mergedAt(d.sha) === null, 'a newer one stands behind it', d);
    }
  }
};

const isNamed = (d: Deployment | null) =>
  d !== null && (d.rollbackRelease !== null || d.overrideHold || d.allowOffBranch);

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
