import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalLocks, type Locks, leadBy } from '../locks.ts';
import { openLine } from './line.ts';

/** How often somebody who waits looks again; a lock that was let go says nothing. */
const LOOK_MS = 150;

export interface SharedLocks extends Locks {
  close(): Promise<void>;
}

/**
 * Advisory locks of one session: PostgreSQL lets go of all of them the moment that this process or its connection
 * dies. A session may take a lock that it has a second time, so within the process the local locks come first.
 */
export async function openLocks(databaseUrl: string): Promise<SharedLocks> {
  const local = createLocalLocks();
  const held = new Set<AbortController>();
  const line = await openLine({
    databaseUrl,
    name: 'sluice locks',
    opened: async () => {},
    broken: () => {
      for (const one of held) one.abort();
      held.clear();
    },
  });

  const tryTake = async (key: string): Promise<boolean> => {
    const { rows } = await line.query('select pg_try_advisory_lock($1::bigint) as taken', [key]);
    return rows[0]?.taken === 1;
  };

  const run = async <T>(key: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> => {
    const lost = new AbortController();
    held.add(lost);
    try {
      return await work(lost.signal);
    } finally {
      held.delete(lost);
      // A broken connection has let go of it already.
      if (!lost.signal.aborted) {
        await line.query('select pg_advisory_unlock($1::bigint)', [key]).catch(() => undefined);
      }
    }
  };

  const hold: Locks['hold'] = (name, work, giveUp) =>
    local.hold(
      name,
      async () => {
        const key = keyOf(name);
        while (!giveUp?.aborted) {
          if (await tryTake(key).catch(() => false)) return run(key, work);
          await pause(LOOK_MS, undefined, { ref: false, ...(giveUp && { signal: giveUp }) }).catch(
            () => undefined,
          );
        }
        return null;
      },
      giveUp,
    );

  return {
    hold,
    lead: leadBy(hold),
    holdIfFree: (name, work) =>
      local.holdIfFree(name, async () => {
        const key = keyOf(name);
        return (await tryTake(key)) ? run(key, work) : null;
      }),
    close: () => line.close(),
  };
}

/** 64 bits of the name's hash, which no two names of one installation share. */
const keyOf = (name: string): string =>
  createHash('sha256').update(`sluice ${name}`).digest().readBigInt64BE(0).toString();
