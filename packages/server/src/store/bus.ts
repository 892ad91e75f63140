import { EventEmitter } from 'node:events';
import type { Transaction } from 'kysely';
import { createHolding, type Held } from './held.ts';
import type { Database } from './schema/index.ts';

/**
 * Wakes up whoever waits for a channel, on every server that shares the database. It never carries the truth: a waiter
 * reads the row or the log again, so a lost or doubled wake-up costs time only.
 */
export interface EventBus {
  /** With `trx`, when that commits (it must come from `store.transaction`); else at once. */
  emit(channel: string, trx?: Transaction<Database>): void;
  /** Calls `listener` at every event until the returned function is called. */
  on(channel: string, listener: () => void): () => void;
  /** Resolves `true` at the next event, `false` after `timeoutMs` or when `signal` aborts. */
  wait(channel: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
}

export interface EventBusInside extends EventBus {
  /** Keeps what `trx` emits until it is released. */
  hold(trx: Transaction<Database>): Held<string>;
  /** Wakes the waiters of this process only: another server told so, or what was held is committed. */
  wake(channel: string): void;
  /** Wakes every waiter: other servers may have said something that nobody heard here. */
  wakeAll(): void;
}

/** `relay` is told of every channel that is emitted outside of transactions, for the other servers. */
export function createEventBus(relay: (channel: string) => void = () => {}): EventBusInside {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const holding = createHolding<string>();

  const on = (channel: string, listener: () => void) => {
    emitter.on(channel, listener);
    return () => {
      emitter.off(channel, listener);
    };
  };
  const wake = (channel: string): void => {
    emitter.emit(channel);
  };

  return {
    emit: (channel, trx) => {
      if (holding.keep(trx, channel)) return;
      wake(channel);
      relay(channel);
    },
    hold: holding.open,
    wake,
    wakeAll: () => {
      for (const channel of emitter.eventNames()) emitter.emit(channel);
    },
    on,
    wait: (channel, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve(false);
          return;
        }
        const finish = (woken: boolean) => {
          clearTimeout(timer);
          off();
          signal?.removeEventListener('abort', onAbort);
          resolve(woken);
        };
        const onAbort = () => finish(false);
        const off = on(channel, () => finish(true));
        const timer = setTimeout(() => finish(false), timeoutMs);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
  };
}
