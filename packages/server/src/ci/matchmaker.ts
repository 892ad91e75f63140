import { SluiceError } from '../errors.ts';
import type { Context } from './dependencies.ts';
import { type RunnerFacts, type Taken, takeNext } from './queue.ts';

/** Brings runners that wait and jobs that wait together, in one process of the server. */
export interface Matchmaker {
  /**
   * The next job for a runner, taken out of the queue; null when there was none for `waitMs` or the asker went away.
   * Throws `unauthenticated` when the runner is removed meanwhile.
   */
  next(runner: RunnerFacts, waitMs: number, signal?: AbortSignal): Promise<Taken | null>;
  /** Lets all who wait go. */
  stop(): void;
}

interface Waiter {
  readonly runner: RunnerFacts;
  /** Registered runners with equal kinds may have the same jobs; null: the runner inside the server. */
  readonly kind: string | null;
  /** The round that looked for it last. */
  round: number;
  /** Somebody takes a job for it at this moment. */
  looking: boolean;
  /** It wants no more than the answer to what is under way. */
  leaving: boolean;
  settle(taken: Taken | null): void;
  fail(error: unknown): void;
}

/** What a missed wake-up costs at most; an idle installation pays one small query for it each time. */
const LOOK_AGAIN_MS = 2_000;

/**
 * A thousand idle runners that each looked into the queue at every wake-up would be a thousand transactions for each
 * job. So one round at a time looks for all of them: the runner with the fewest jobs first, among equals who waits
 * longest, and once for each kind of runner that finds nothing.
 */
export function createMatchmaker(context: Context): Matchmaker {
  const { events } = context.store;
  const waiters = new Set<Waiter>();
  /** Kinds for which there is nothing, until something happens. */
  const nothingFor = new Set<string>();
  /** Jobs at work, by runner. */
  let busy = new Map<string | null, number>();
  let round = 0;
  let isLooking = false;
  let timer: NodeJS.Timeout | null = null;

  const stir = () => {
    round += 1;
    nothingFor.clear();
    void look();
  };
  const off = events.on('queue', stir);

  const isHopeless = ({ kind }: Waiter) => kind !== null && nothingFor.has(kind);
  const loadOf = ({ runner }: Waiter) => busy.get(runner.registered?.uuid ?? null) ?? 0;
  const pick = (): Waiter | null => {
    let best: Waiter | null = null;
    for (const waiter of waiters) {
      if (waiter.round === round || isHopeless(waiter)) continue;
      if (best === null || loadOf(waiter) < loadOf(best)) best = waiter;
    }
    return best;
  };

  const lookFor = async (waiter: Waiter): Promise<void> => {
    const mine = round;
    waiter.looking = true;
    try {
      const taken = await takeNext(context, waiter.runner);
      if (typeof taken !== 'string') {
        const uuid = waiter.runner.registered?.uuid ?? null;
        busy.set(uuid, (busy.get(uuid) ?? 0) + 1);
        waiter.settle(taken);
      } else if (taken === 'gone') {
        waiter.fail(new SluiceError('unauthenticated', 'The server does not know this runner.'));
      } else {
        if (taken === 'nothing' && waiter.kind !== null && mine === round) {
          nothingFor.add(waiter.kind);
        }
        if (waiter.leaving) waiter.settle(null);
      }
    } catch (error) {
      waiter.fail(error);
    } finally {
      waiter.round = mine;
      waiter.looking = false;
    }
  };

  const lookForAll = async (): Promise<void> => {
    let counted = -1;
    while (pick() !== null) {
      // A single one needs no comparison.
      if (counted !== round && waiters.size > 1) {
        counted = round;
        busy = await readBusy(context);
      }
      // Whoever was first may have left meanwhile: a job taken for nobody would wait for its lease to lapse.
      const waiter = pick();
      if (waiter !== null) await lookFor(waiter);
    }
  };

  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      await lookForAll();
    } catch (error) {
      context.onError(error, 'handing out jobs');
    }
    isLooking = false;
    for (const waiter of waiters) if (waiter.leaving) waiter.settle(null);
    timer ??= setTimeout(() => {
      timer = null;
      if (waiters.size > 0) stir();
      else nothingFor.clear();
    }, LOOK_AGAIN_MS);
    timer.unref();
  };

  return {
    next: (runner, waitMs, signal) =>
      new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(limit);
          signal?.removeEventListener('abort', leave);
          waiters.delete(waiter);
        };
        const waiter: Waiter = {
          ...{ runner, kind: kindOf(runner), round: -1, looking: false, leaving: false },
          settle: (taken) => {
            finish();
            resolve(taken);
          },
          fail: (error) => {
            finish();
            reject(error);
          },
        };
        /** What is being taken for it still comes to it: nobody else would ever hear of that job. */
        const leave = () => {
          waiter.leaving = true;
          const isUnseen = waiter.round < 0 && signal?.aborted !== true && !isHopeless(waiter);
          if (!waiter.looking && !isUnseen) waiter.settle(null);
        };
        const limit = setTimeout(leave, waitMs);
        signal?.addEventListener('abort', leave, { once: true });
        waiters.add(waiter);
        void look();
      }),
    stop: () => {
      off();
      if (timer !== null) clearTimeout(timer);
      for (const waiter of [...waiters]) {
        if (waiter.looking) waiter.leaving = true;
        else waiter.settle(null);
      }
    },
  };
}

function kindOf({ registered }: RunnerFacts): string | null {
  if (registered === undefined) return null;
  const { name: _, ...machine } = registered.machine;
  return JSON.stringify(machine);
}

async function readBusy({ store }: Context): Promise<Map<string | null, number>> {
  const rows = await store.db
    .selectFrom('jobs')
    .select(({ fn }) => ['lease_runner_uuid', fn.countAll<number>().as('count')])
    .where('state', '=', 'started')
    .where('verdict', 'is', null)
    .groupBy('lease_runner_uuid')
    .execute();
  return new Map(rows.map((row) => [row.lease_runner_uuid, Number(row.count)]));
}
