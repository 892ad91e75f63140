/**
 * Lets one piece of work at a time run under a name, over all servers that share the database. A server that dies
 * gives up what it held at once.
 */
export interface Locks {
  /**
   * Waits for its turn, then runs `work`. `lost` aborts when the lock was lost under it (the database went away), for
   * another server may then have it: end soon. Null, and `work` not run, when `giveUp` aborts before.
   */
  hold<T>(
    name: string,
    work: (lost: AbortSignal) => Promise<T>,
    giveUp?: AbortSignal,
  ): Promise<T | null>;
  /**
   * Keeps `work` going on one server at a time until `ended` aborts: when it resolves or loses the lock, whoever has
   * the lock next begins. `work` ends when its argument aborts.
   */
  lead(
    name: string,
    ended: AbortSignal,
    work: (ended: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /** Runs `work` unless somebody has the lock now; null if so. */
  holdIfFree<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null>;
}

/** What `lead` is, given `hold`. */
export const leadBy =
  (hold: Locks['hold']): Locks['lead'] =>
  async (name, ended, work) => {
    while (!ended.aborted) {
      await hold(name, (lost) => work(AbortSignal.any([lost, ended])), ended);
    }
  };

/** For a database that one server has to itself: what this process does is all that is done. */
export function createLocalLocks(): Locks {
  const holders = new Map<string, Promise<unknown>>();
  const never = new AbortController().signal;

  const start = async <T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> => {
    const ended = Promise.withResolvers<void>();
    holders.set(name, ended.promise);
    try {
      return await work(never);
    } finally {
      holders.delete(name);
      ended.resolve();
    }
  };

  const hold: Locks['hold'] = async (name, work, giveUp) => {
    const stopped = giveUp === undefined ? null : aborted(giveUp);
    for (;;) {
      if (giveUp?.aborted) return null;
      const holder = holders.get(name);
      if (holder === undefined) return start(name, work);
      await (stopped === null ? holder : Promise.race([holder, stopped]));
    }
  };

  return {
    hold,
    lead: leadBy(hold),
    holdIfFree: async (name, work) => (holders.has(name) ? null : start(name, work)),
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
