import { setTimeout as pause } from 'node:timers/promises';
import type { Backing, BackingSpec } from '../deploy/runtimes/backing.ts';
import { RuntimeFailure } from '../deploy/runtimes/runtime.ts';
import { SluiceError } from '../errors.ts';
import type { ServicesContext } from './context.ts';
import { whyUnreachable } from './health.ts';
import { kindOf } from './kinds/index.ts';
import type { Records } from './records.ts';
import type { ServiceInstance } from './types.ts';

const ASK_EVERY_MS = 500;
const STOP_GRACE_MS = 60_000;

/** Brings what is on the engine in line with the rows: whoever calls it, however often, over all servers. */
export interface Keeper {
  /**
   * Brings one service up, or down where its row or its environment wants it gone, and says in its row how it is. With `waitMs`
   * it waits so long for an answer; resolves with why there was none, null where all is as it should be.
   */
  settle(uuid: string, waitMs: number, signal?: AbortSignal): Promise<string | null>;
  /** The same, with the lock of the service in hand: nobody else starts, stops, dumps or restores it meanwhile. */
  alone<T>(uuid: string, work: () => Promise<T>): Promise<T>;
  /** The part of `settle` that brings one up, for whoever has its lock in hand. */
  bringUp(instance: ServiceInstance, waitMs: number, signal?: AbortSignal): Promise<string | null>;
}

export function createKeeper(
  { store, applications }: ServicesContext,
  backing: Backing,
  records: Records,
): Keeper {
  const alone: Keeper['alone'] = async (uuid, work) => {
    const done = await store.locks.hold(`service:${uuid}`, async () => ({ answer: await work() }));
    if (done === null) throw new SluiceError('unavailable', 'The server is stopping.');
    return done.answer;
  };

  const specOf = async (instance: ServiceInstance): Promise<BackingSpec> => {
    const application = await applications.get(instance.applicationUuid);
    return {
      serviceUuid: instance.uuid,
      environmentUuid: instance.environmentUuid,
      application: application?.slug ?? '',
      program: kindOf(instance.kind).program(instance, await records.credentials(instance.uuid)),
    };
  };

  /** What a program has made half at its first start, it takes for whole at the second: nobody has used it, so it begins anew. */
  const isHalfMade = async ({ uuid, image, readyAt }: ServiceInstance): Promise<boolean> =>
    readyAt === null && image !== null && backing.hasEnded(uuid);

  const up = async (instance: ServiceInstance): Promise<void> => {
    if (await isHalfMade(instance)) {
      await backing.down(instance.uuid, 0);
      await backing.erase(instance.uuid);
    }
    await backing.up(await specOf(instance));
  };

  const answers = async (
    instance: ServiceInstance,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<string | null> => {
    const credentials = await records.credentials(instance.uuid);
    const giveUpAt = Date.now() + waitMs;
    // Once: of one that cannot start at all, what it said last is to stay.
    let mayBeginAnew = true;
    for (;;) {
      signal?.throwIfAborted();
      const problem = await whyUnreachable(backing, instance, credentials);
      if (problem === null || Date.now() >= giveUpAt) return problem;
      if (mayBeginAnew && (await isHalfMade(instance))) {
        mayBeginAnew = false;
        await up(instance);
      }
      await pause(ASK_EVERY_MS);
    }
  };

  const bringUp = async (
    instance: ServiceInstance,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<string | null> => {
    try {
      await up(instance);
      const problem = await answers(instance, waitMs, signal);
      // Not to be told of while it is only starting for the first time.
      if (problem === null || waitMs > 0 || instance.state === 'ready')
        await records.found(instance, problem);
      return problem;
    } catch (error) {
      if (!(error instanceof RuntimeFailure)) throw error;
      await records.found(instance, error.message);
      return error.message;
    }
  };

  const isWanted = async ({ state, environmentUuid }: ServiceInstance): Promise<boolean> =>
    state !== 'removed' && (await applications.environment(environmentUuid)) !== null;

  return {
    alone,
    bringUp,
    settle: (uuid, waitMs, signal) =>
      alone(uuid, async () => {
        const instance = await records.get(uuid);
        if (instance !== null && (await isWanted(instance))) {
          return bringUp(instance, waitMs, signal);
        }
        await backing.down(uuid, STOP_GRACE_MS);
        return null;
      }),
  };
}
