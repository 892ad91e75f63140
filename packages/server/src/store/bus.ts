import { EventEmitter } from 'node:events';

/**
 * Wakes up whoever waits for a channel. It never carries the truth: a waiter reads the row or the log
 * again, so a lost or doubled wake-up costs time only.
 */
export interface EventBus {
  emit(channel: string): void;
  /** Calls `listener` at every event until the returned function is called. */
  on(channel: string, listener: () => void): () => void;
  /** Resolves `true` at the next event, `false` after `timeoutMs` or when `signal` aborts. */
  wait(channel: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
}

export function createEventBus(): EventBus {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);

  const on = (channel: string, listener: () => void) => {
    emitter.on(channel, listener);
    return () => {
      emitter.off(channel, listener);
    };
  };

  return {
    emit: (channel) => {
      emitter.emit(channel);
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
