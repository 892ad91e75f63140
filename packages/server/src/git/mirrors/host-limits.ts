/** Lets a few pieces of work at once go to each host; hosts do not wait for each other. */
export interface HostLimits {
  take<T>(host: string, work: () => Promise<T>): Promise<T>;
}

export function createHostLimits(atOnce: number): HostLimits {
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();

  const enter = async (host: string): Promise<void> => {
    const count = running.get(host) ?? 0;
    if (count < atOnce) {
      running.set(host, count + 1);
      return;
    }
    // Whoever leaves hands its place over, so the count stays as it is.
    await new Promise<void>((resume) => {
      waiting.set(host, [...(waiting.get(host) ?? []), resume]);
    });
  };

  const leave = (host: string): void => {
    const [next, ...rest] = waiting.get(host) ?? [];
    if (rest.length > 0) waiting.set(host, rest);
    else waiting.delete(host);
    if (next !== undefined) {
      next();
      return;
    }
    const count = (running.get(host) ?? 1) - 1;
    if (count === 0) running.delete(host);
    else running.set(host, count);
  };

  return {
    take: async (host, work) => {
      await enter(host);
      try {
        return await work();
      } finally {
        leave(host);
      }
    },
  };
}
