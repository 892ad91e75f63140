/** Pure: which releases and images of an application somebody can still need, and why. */

/** What an image is kept for; the first that holds. */
export type KeptFor =
  /** It is live. */
  | 'live'
  /** A deployment that has not ended works with it. */
  | 'deployment'
  /** A release that an environment can be rolled back to. */
  | 'rollback'
  /** It is among the newest, so that a failed deployment can be tried again without a build. */
  | 'newest';

export interface ReleaseFacts {
  readonly uuid: string;
  readonly environmentUuid: string;
  /** Null until the deployment has an image. */
  readonly imageUuid: string | null;
  /** When it went live last; null: never. */
  readonly liveAt: string | null;
  readonly isLive: boolean;
  /** Its own deployment, or a rollback to it, has not ended. */
  readonly isWanted: boolean;
  /** Its environment was removed, which nobody can take back. */
  readonly isOrphan: boolean;
}

export interface RetentionFacts {
  /** Releases of an environment that can be rolled back to, and newest images of the application. */
  readonly keepReleases: number;
  /** False: the application was removed for good. */
  readonly applicationExists: boolean;
  /** Those that are not removed. */
  readonly releases: readonly ReleaseFacts[];
  /** Ready images, newest first. */
  readonly images: readonly string[];
}

export interface Retention {
  /** Releases that nobody can need again. */
  readonly endedReleases: readonly string[];
  /** What each image is kept for; the others can go. */
  readonly keptFor: ReadonlyMap<string, KeptFor>;
}

/** `environmentUuids`: whose releases may end; null: those of all. */
export function retain(
  facts: RetentionFacts,
  environmentUuids: ReadonlySet<string> | null,
): Retention {
  const { releases, keepReleases } = facts;
  const ended = new Set<string>();
  const places = new Map<string, number>();
  const byLiveAt = [...releases].sort((a, b) => (b.liveAt ?? '').localeCompare(a.liveAt ?? ''));
  for (const release of byLiveAt) {
    const { uuid, environmentUuid, liveAt } = release;
    const place = places.get(environmentUuid) ?? 0;
    if (liveAt !== null) places.set(environmentUuid, place + 1);
    if (environmentUuids !== null && !environmentUuids.has(environmentUuid)) continue;
    const isInUse = release.isLive || release.isWanted;
    const isBeyond = liveAt === null || place >= keepReleases;
    const isOver = release.isOrphan ? !release.isWanted : isBeyond && !isInUse;
    if (isOver) ended.add(uuid);
  }

  const keptFor = new Map<string, KeptFor>();
  if (facts.applicationExists) {
    for (const image of facts.images.slice(0, keepReleases)) keptFor.set(image, 'newest');
  }
  for (const reason of ['rollback', 'deployment', 'live'] as const) {
    for (const release of releases) {
      if (release.imageUuid === null || ended.has(release.uuid)) continue;
      if (reasonOf(release) === reason) keptFor.set(release.imageUuid, reason);
    }
  }
  return { endedReleases: [...ended], keptFor };
}

function reasonOf({ isLive, isWanted }: ReleaseFacts): KeptFor {
  if (isLive) return 'live';
  return isWanted ? 'deployment' : 'rollback';
}
