import type { EventBus } from './bus.ts';
import type { MessageQueue, QueuedMessage } from './queue.ts';

/** Nothing to do: it looks again without having been woken. */
const IDLE_MS = 500;
/** Lanes at work at the same time: one that waits for its repository's disk or host does not keep others. */
const AT_ONCE = 4;
const RETRY_DELAYS_MS = [100, 500, 2_000, 10_000, 30_000];

export interface Consumption {
  readonly queue: MessageQueue;
  readonly events: EventBus;
  /** The event that tells of new messages. */
  readonly wakeUp: string;
  readonly work: (message: QueuedMessage) => Promise<void>;
  readonly onError: ((error: unknown, messageId: number) => void) | undefined;
  readonly ended: AbortSignal;
}

/** Consumes until `ended` aborts; resolves when what is at work then has ended. */
export async function consumeQueue(consumption: Consumption): Promise<void> {
  const { queue, events, wakeUp, ended } = consumption;
  const atWork = new Map<string, Promise<void>>();
  /** Lanes whose first message failed, with the time of its next try. */
  const pausing = new Map<string, number>();
  let ready = Promise.withResolvers<void>();
  while (!ended.aborted) {
    const woken = events.wait(wakeUp, IDLE_MS, ended);
    ready = Promise.withResolvers();
    for (const [lane, until] of pausing) if (until <= performance.now()) pausing.delete(lane);
    const message =
      atWork.size < AT_ONCE
        ? await queue.next([...atWork.keys(), ...pausing.keys()]).catch(() => undefined)
        : undefined;
    if (message === undefined) {
      await Promise.race([woken, ready.promise]);
      continue;
    }
    const { lane } = message;
    // Of an older version, which put all in one line: neither before nor beside what it may be about.
    if (lane === '') await Promise.all(atWork.values());
    const work = attempt(consumption, message)
      .catch(() => 1_000)
      .then((pauseMs) => {
        if (pauseMs > 0) pausing.set(lane, performance.now() + pauseMs);
        atWork.delete(lane);
        ready.resolve();
      });
    atWork.set(lane, work);
    if (lane === '') await work;
  }
  await Promise.all(atWork.values());
}

/** Answers how many milliseconds the message's lane pauses. */
async function attempt(
  { queue, work, onError }: Consumption,
  message: QueuedMessage,
): Promise<number> {
  try {
    await work(message);
    await queue.consumed(message);
    return 0;
  } catch (error) {
    onError?.(error, message.id);
    await queue.failed(message, error);
    return RETRY_DELAYS_MS[Math.min(message.attempts, RETRY_DELAYS_MS.length - 1)] ?? 30_000;
  }
}
