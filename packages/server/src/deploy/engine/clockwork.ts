import type { EngineDeps } from './context.ts';

const LONGEST_TIMEOUT_MS = 2 ** 30;

/**
 * Wakes environments when time alone changes something. The moments themselves are rows
 * (`environment_state.wake_at`); after a restart the first look at each environment sets them again.
 */
export interface Clockwork {
  wakeAt(environmentUuid: string, at: number): void;
  stop(): void;
}

export function createClockwork(
  { now }: Pick<EngineDeps, 'now'>,
  wake: (environmentUuid: string) => void,
): Clockwork {
  const timers = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  const clear = (environmentUuid: string) => {
    clearTimeout(timers.get(environmentUuid));
    timers.delete(environmentUuid);
  };

  return {
    wakeAt: (environmentUuid, at) => {
      if (stopped) return;
      clear(environmentUuid);
      const delay = Math.min(LONGEST_TIMEOUT_MS, Math.max(1, at - now()));
      const timer = setTimeout(() => {
        timers.delete(environmentUuid);
        wake(environmentUuid);
      }, delay);
      timers.set(environmentUuid, timer);
    },
    stop: () => {
      stopped = true;
      for (const environmentUuid of [...timers.keys()]) clear(environmentUuid);
    },
  };
}
