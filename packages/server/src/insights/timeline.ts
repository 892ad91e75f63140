import { DAY_MS } from './period.ts';

/** One deployment of an environment that started, or went live, as far as the figures need it. */
export interface Deployment {
  readonly uuid: string;
  /** Acceptance number, to order what happened in one millisecond. */
  readonly number: number;
  readonly sha: string;
  readonly configVersion: number;
  readonly isRollback: boolean;
  /** When its release began to serve; null: it never did, or what was live before was put back. */
  readonly liveAt: number | null;
  /** When it ended in failure; null: it did not. */
  readonly failedAt: number | null;
  /** Which deployment made the release that it serves: itself, for a rollback an earlier one. */
  readonly originUuid: string;
  /** When that one went live. */
  readonly originLiveAt: number;
}

/** A deployment that is rolled back within so many days after it went live was a failure. */
export const ROLLBACK_DAYS = 7;

export interface Incident {
  readonly from: number;
  readonly to: number;
}

export interface Timeline {
  /** Those that changed what is live and are no rollback, in order. */
  readonly deliveries: readonly Deployment[];
  /** Deliveries, and deployments that failed after they had started. */
  readonly changes: readonly { readonly at: number; readonly failed: boolean }[];
  readonly incidents: readonly Incident[];
  /** Since when something is broken that no success has followed yet. */
  readonly openSince: number | null;
}

const momentOf = (d: Deployment): number => d.liveAt ?? d.failedAt ?? 0;

export const inOrder = (deployments: readonly Deployment[]): Deployment[] =>
  [...deployments].sort((a, b) => momentOf(a) - momentOf(b) || a.number - b.number);

/** Pure: what the deployments of one environment amount to (docs/explanation/insights.md). */
export function readTimeline(deployments: readonly Deployment[]): Timeline {
  const ordered = inOrder(deployments);
  const rolledBack = findRolledBack(ordered);
  const isRolledBack = (d: Deployment): boolean => {
    const at = rolledBack.get(d.uuid);
    return at !== undefined && d.liveAt !== null && at - d.liveAt <= ROLLBACK_DAYS * DAY_MS;
  };

  const deliveries: Deployment[] = [];
  const changes: { at: number; failed: boolean }[] = [];
  const incidents: Incident[] = [];
  let openSince: number | null = null;
  let live: Deployment | null = null;
  for (const d of ordered) {
    if (d.liveAt === null) {
      if (d.isRollback || d.failedAt === null) continue;
      changes.push({ at: d.failedAt, failed: true });
      openSince ??= d.failedAt;
      continue;
    }
    const failed = isRolledBack(d);
    if (!d.isRollback && changesWhatIsLive(d, live)) {
      deliveries.push(d);
      changes.push({ at: d.liveAt, failed });
    }
    live = d;
    if (failed) {
      if (!d.isRollback) openSince ??= d.liveAt;
    } else if (openSince !== null) {
      incidents.push({ from: openSince, to: d.liveAt });
      openSince = null;
    }
  }
  return { deliveries, changes, incidents, openSince };
}

const changesWhatIsLive = (d: Deployment, live: Deployment | null): boolean =>
  live === null || live.sha !== d.sha || live.configVersion !== d.configVersion;

/**
 * When each deployment was first taken back: a rollback to something that had gone live earlier takes back what was
 * live, and with it the deployment that had made its release. One that goes forward again takes nothing back.
 */
function findRolledBack(ordered: readonly Deployment[]): Map<string, number> {
  const found = new Map<string, number>();
  let live: Deployment | null = null;
  for (const d of ordered) {
    if (d.liveAt === null) continue;
    if (d.isRollback && live !== null && d.originLiveAt < live.originLiveAt) {
      for (const uuid of [live.uuid, live.originUuid]) {
        if (!found.has(uuid)) found.set(uuid, d.liveAt);
      }
    }
    live = d;
  }
  return found;
}
