import { claim, isStep } from './claim.ts';
import type { Claim, World } from './world.ts';

/** 4.1, 4.2 */
export const holdIsKept: Claim = (before, event, decided, after) => {
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
export const cancelAndRecover: Claim = (before, event, decided, after) => {
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
