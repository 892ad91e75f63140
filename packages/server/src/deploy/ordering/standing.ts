import type { Draft } from './draft.ts';
import { contender } from './rules.ts';
import type { Live } from './types.ts';

/**
 * What a newcomer has to beat: live, unless the one that runs will replace it by an older commit (a
 * rollback, or a history that was rewritten meanwhile). Then only the one that runs counts, or the
 * newcomer would be lost to something that is about to go.
 */
export function standingLive(draft: Draft): Live | null {
  const { live, facts, rules } = draft;
  const running = draft.running();
  if (!live || !running || running.number === live.number) return live;
  if (running.cancelRequestedBy !== null) return live;
  if (running.rollbackRelease !== null) return null;
  const next = { ...contender(running, facts), override: false };
  if (next.sha === live.sha) return live;
  return rules.compare(next, { ...live, override: false }, facts).newer ? live : null;
}
