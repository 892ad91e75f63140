export interface Shared {
  (key: string): Promise<void>;
  /** Resolves when what is at work now has ended, however; begins nothing. */
  underWay(key: string): Promise<void>;
}

/**
 * Lets many callers share work for a key, with the promise that the work begins after the call: who comes
 * while it runs waits for the next run, and all who wait share that one.
 */
export function createShared(work: (key: string) => Promise<void>): Shared {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  const start = (key: string): Promise<void> => {
    const run = work(key).finally(() => running.delete(key));
    running.set(key, run);
    return run;
  };

  const share = (key: string): Promise<void> => {
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
  const underWay = async (key: string) => running.get(key)?.catch(() => undefined);
  return Object.assign(share, { underWay });
}
