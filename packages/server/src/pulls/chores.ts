import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from './context.ts';

export interface Chore {
  readonly name: string;
  run(): Promise<void>;
}

export interface Rhythm {
  readonly everyMs: number;
  /** An event that brings the next round forward. */
  readonly channel: string;
}

/** Events come in storms; a round looks at all that they were about. */
const REST_MS = 1_000;

/** Work that nobody waits for, again and again: what failed is done by the next round. */
export function createChores(
  context: Context,
  chores: readonly Chore[],
  { everyMs, channel }: Rhythm,
) {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const round = async (): Promise<void> => {
    for (const chore of chores) {
      if (stopping.signal.aborted) return;
      await chore.run().catch((error: unknown) => context.onError(error, chore.name));
    }
  };

  const run = async (ended: AbortSignal): Promise<void> => {
    while (!ended.aborted) {
      const woken = context.store.events.wait(channel, everyMs, ended);
      await round();
      await pause(Math.min(REST_MS, everyMs), undefined, { signal: ended }).catch(() => undefined);
      await woken;
    }
  };

  return {
    start: () => {
      // Of several servers one does them.
      loop = context.store.locks.lead(channel, stopping.signal, run);
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
