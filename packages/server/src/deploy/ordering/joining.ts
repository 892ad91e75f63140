import type { Draft } from './draft.ts';
import { type Fingerprint, isAwaiting, isRunning } from './rules.ts';
import type { Deployment } from './types.ts';

/** An unfinished deployment that the signal joins, or null. Superseded ones hold no place to join. */
export function findJoinable(
  draft: Draft,
  asked: Fingerprint,
  except: number | null,
): Deployment | null {
  const open = (d: Deployment) =>
    isAwaiting(d.status) || d.status === 'QUEUED' || isRunning(d.status);
  return (
    draft.unfinished().find((d) => d.number !== except && open(d) && draft.rules.joins(asked, d)) ??
    null
  );
}
