/** Lets work for one key run one after the other; different keys do not wait for each other. */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is at work. */
  settled(): Promise<void>;
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
    settled: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}
