import type { Transaction } from 'kysely';
import type { Database } from './schema/index.ts';

/** What one transaction wants to tell when it has committed. */
export interface Held<T> {
  readonly items: readonly T[];
  /** To be called once the transaction has ended; forgets what it kept. */
  release(): void;
}

/** Keeps what is emitted inside transactions until they commit: nobody hears of what was rolled back. */
export interface Holding<T> {
  /** Keeps `item` for `trx`; false when that is not a transaction of `store.transaction`. */
  keep(trx: Transaction<Database> | undefined, item: T): boolean;
  open(trx: Transaction<Database>): Held<T>;
}

export function createHolding<T>(): Holding<T> {
  const held = new WeakMap<Transaction<Database>, T[]>();
  return {
    keep: (trx, item) => {
      const items = trx === undefined ? undefined : held.get(trx);
      if (items === undefined) return false;
      items.push(item);
      return true;
    },
    open: (trx) => {
      const items: T[] = [];
      held.set(trx, items);
      return { items, release: () => held.delete(trx) };
    },
  };
}
