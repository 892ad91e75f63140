import { setTimeout as pause } from 'node:timers/promises';
import type { Locks } from '../../store/index.ts';
import type { MirrorRows } from './rows.ts';

export interface ScheduleDeps {
  /** Of several servers one fetches by the clock. */
  readonly locks: Pick<Locks, 'lead'>;
  readonly rows: Pick<MirrorRows, 'due' | 'change'>;
  /** Fetches, and keeps account of it. */
  readonly fetch: (repositoryUuid: string) => Promise<void>;
  /** Fetches of one host do not take all places. */
  readonly hostOf: (repositoryUuid: string) => Promise<string>;
  readonly onError: (error: unknown, context: string) => void;
}

const LOOK_MS = 1_000;
const AT_ONCE = 32;
const AT_ONCE_OF_A_HOST = 2;
/** After trouble that is none of the host's, such as a full disk. */
const PAUSE_MS = 60_000;

/**
 * Fetches every mirror when it is due, so that a webhook that never comes delays a commit and does not lose it, and a
 * host that was down is found again by itself. What is due stands in the rows and outlives the server.
 */
export function createSchedule({ locks, rows, fetch, hostOf, onError }: ScheduleDeps) {
  const running = new Map<string, { host: string; done: Promise<void> }>();
  const stopping = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;

  const run = async (repositoryUuid: string): Promise<void> => {
    try {
      await fetch(repositoryUuid);
    } catch {
      // The row says what went wrong and when to try again; if it does not, the look would come back every second.
      if (stopped) return;
      const now = Date.now();
      if ((await rows.due(now, AT_ONCE * 8)).includes(repositoryUuid)) {
        await rows.change(repositoryUuid, { next_fetch_at: now + PAUSE_MS });
      }
    }
  };

  const begin = (repositoryUuid: string, host: string): void => {
    const done = run(repositoryUuid)
      .catch((error: unknown) => onError(error, `the schedule of ${repositoryUuid}`))
      .finally(() => running.delete(repositoryUuid));
    running.set(repositoryUuid, { host, done });
  };

  const look = async (): Promise<void> => {
    for (const uuid of await rows.due(Date.now(), AT_ONCE * 8)) {
      if (stopped || running.size >= AT_ONCE) return;
      if (running.has(uuid)) continue;
      const host = await hostOf(uuid);
      const same = [...running.values()].filter((one) => one.host === host).length;
      if (same < AT_ONCE_OF_A_HOST) begin(uuid, host);
    }
  };

  return {
    start: (): void => {
      looking = locks.lead('mirror schedule', stopping.signal, async (ended) => {
        while (!ended.aborted) {
          await look().catch((error: unknown) => onError(error, 'looking for mirrors to fetch'));
          await pause(LOOK_MS, undefined, { ref: false, signal: ended }).catch(() => undefined);
        }
      });
    },
    /** Begins nothing more; resolves when nothing of it is under way. */
    stop: async (): Promise<void> => {
      stopped = true;
      stopping.abort();
      await looking;
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
