import type { Backing } from '../deploy/runtimes/backing.ts';
import type { ServicesContext } from './context.ts';
import type { Keeper } from './keeper.ts';
import type { Records } from './records.ts';

const ROUND_MS = 10_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Looks at all services again and again, on one server at a time: what was not finished goes on, what is gone comes back over its
 * volume, what nobody wants goes.
 */
export function createRounds(
  { store, onError }: ServicesContext,
  backing: Backing,
  records: Records,
  keeper: Keeper,
) {
  const ended = new AbortController();
  const busy = new Map<string, Promise<unknown>>();
  let rounds: Promise<void> | null = null;

  /** In the background, once for each service. */
  const settleSoon = (uuid: string): void => {
    if (busy.has(uuid) || ended.signal.aborted) return;
    const work = keeper
      .settle(uuid, 0)
      .catch((error: unknown) => onError(error, `settling service ${uuid}`))
      .finally(() => busy.delete(uuid));
    busy.set(uuid, work);
  };

  const round = async (): Promise<void> => {
    const there = new Map((await backing.all()).map((one) => [one.serviceUuid, one]));
    const wanted = await records.wanted();
    const uuids = new Set(wanted.map(({ uuid }) => uuid));
    for (const { uuid, state, problem, image } of wanted) {
      const now = there.get(uuid);
      const runs = now?.volume === true && (image === null || now.program === 'running');
      if (!runs || state === 'provisioning' || problem !== null) settleSoon(uuid);
    }
    for (const { serviceUuid, program } of there.values()) {
      if (!uuids.has(serviceUuid) && program !== 'missing') settleSoon(serviceUuid);
    }
  };

  const lead = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await round().catch((error: unknown) => {
        // An engine that is away is told of by the services themselves and by whoever deploys.
        if (!signal.aborted) onError(error, 'looking at the services');
      });
      await store.events.wait('services', ROUND_MS, signal);
    }
  };

  return {
    settleSoon,
    start: (): void => {
      rounds = store.locks.lead('services', ended.signal, lead);
      rounds.catch((error: unknown) => onError(error, 'looking at the services'));
    },
    stop: async (): Promise<void> => {
      ended.abort();
      await rounds?.catch(() => undefined);
      await Promise.all(busy.values());
    },
    /** Erases for good what was removed longer ago than `graceDays`, and what belongs to no application any more. */
    purge: async (now: Date, graceDays: number): Promise<void> => {
      const before = new Date(now.getTime() - graceDays * DAY_MS).toISOString();
      for (const uuid of await records.due(before)) {
        await keeper.alone(uuid, async () => {
          await backing.down(uuid, 0);
          await backing.erase(uuid);
          await records.forget(uuid);
        });
      }
    },
  };
}
