import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from './connection.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Repeats `call` while the server cannot be reached, with growing pauses, until `signal` is aborted. All other errors
 * come through at once.
 */
export async function whileUnreachable<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.kind !== 'unreachable' || signal.aborted)
        throw error;
    }
    // A little chance, so that many runners do not come back all at once.
    await sleep(pause * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}
