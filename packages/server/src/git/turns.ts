/** Runs work for one key one after the other; work for other keys is not held up. */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is at work or waiting. */
  idle(): Promise<void>;
}

export function createTurns(): Turns {
  const tails = new Map<string, Promise<unknown>>();
  return {
    take: (key, work) => {
      const turn = (tails.get(key) ?? Promise.resolve()).then(work, work);
      const tail = turn
        .catch(() => undefined)
        .then(() => {
          if (tails.get(key) === tail) tails.delete(key);
        });
      tails.set(key, tail);
      return turn;
    },
    idle: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}

/**
 * Lets many callers share work for a key, with the promise that the work begins after the call: who comes
 * while it runs waits for the next run, and all who wait share that one.
 */
export function createShared(work: (key: string) => Promise<void>): (key: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  const start = (key: string): Promise<void> => {
    const run = work(key).finally(() => running.delete(key));
    running.set(key, run);
    return run;
  };

  return (key) => {
    const current = running.get(key);
    if (current === undefined) return start(key);
    const waiting = next.get(key);
    if (waiting !== undefined) return waiting;
    const follow = () => {
      next.delete(key);
      return start(key);
    };
    const queued = current.then(follow, follow);
    next.set(key, queued);
    return queued;
  };
}
