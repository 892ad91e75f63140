import type { EngineDeps } from './context.ts';

interface LastFetch {
  /** When the last fetch that succeeded began; null: none since the server started. */
  readonly began: number | null;
  readonly error: string | null;
}

/**
 * Fetches, at most one at a time for each repository. A request made while one runs is served by another
 * that begins afterwards: what counts for a signal is a fetch that began after it (2.1).
 */
export interface Fetcher {
  /** Resolves when a fetch that began after this call has ended, well or not. */
  fetch(repositoryUuid: string): Promise<void>;
  last(repositoryUuid: string): LastFetch;
  /** Resolves when no fetch is under way. */
  settled(): Promise<void>;
}

export function createFetcher({ git, now }: Pick<EngineDeps, 'git' | 'now'>): Fetcher {
  const results = new Map<string, LastFetch>();
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  const begin = (repositoryUuid: string): Promise<void> => {
    const began = now();
    const work = git
      .fetch(repositoryUuid)
      .then(
        () => {
          results.set(repositoryUuid, { began, error: null });
        },
        (error: unknown) => {
          const before = results.get(repositoryUuid)?.began ?? null;
          const text = error instanceof Error ? error.message : String(error);
          results.set(repositoryUuid, { began: before, error: text });
        },
      )
      .finally(() => {
        running.delete(repositoryUuid);
      });
    running.set(repositoryUuid, work);
    return work;
  };

  const fetch = (repositoryUuid: string): Promise<void> => {
    const current = running.get(repositoryUuid);
    if (!current) return begin(repositoryUuid);
    const waiting = next.get(repositoryUuid);
    if (waiting) return waiting;
    const after = current.then(() => {
      next.delete(repositoryUuid);
      return begin(repositoryUuid);
    });
    next.set(repositoryUuid, after);
    return after;
  };

  return {
    fetch,
    last: (repositoryUuid) => results.get(repositoryUuid) ?? { began: null, error: null },
    settled: async () => {
      while (running.size > 0 || next.size > 0)
        await Promise.all([...running.values(), ...next.values()]);
    },
  };
}
