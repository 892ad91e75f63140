export interface HealthFacts {
  readonly isLive: boolean;
  /** A person stopped it. */
  readonly stopped: boolean;
  /** Instances that the database wants to serve. */
  readonly wanted: readonly string[];
  /** Those that run, as their supervisor says; null: it cannot be asked. */
  readonly up: ReadonlySet<string> | null;
}

/** none | serving | stopped | failing | unclear */
export function healthOf({ isLive, stopped, wanted, up }: HealthFacts): string {
  if (stopped) return 'stopped';
  if (!isLive) return 'none';
  if (up === null) return 'unclear';
  return wanted.length > 0 && wanted.every((uuid) => up.has(uuid)) ? 'serving' : 'failing';
}
