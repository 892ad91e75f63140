import { randomBytes } from 'node:crypto';
import type { ChangeKind } from '@sluice/contract';
import type { Transaction } from 'kysely';
import type { Database } from './schema/index.ts';

/** Something visible is different now. It says what to read again and to whom it belongs, never what it is. */
export interface StoreChange {
  readonly kind: ChangeKind;
  /** Uuid of the thing, or the number of a build or job. */
  readonly id: string;
  /** Null: of no application, or not known where it happened (`ci` knows repositories only). */
  readonly application: string | null;
  readonly organisation?: string;
  readonly repository?: string;
  /** Whose own it is: a token, a session. */
  readonly user?: string;
}

export interface NumberedChange extends StoreChange {
  /** Strictly rising from 1 while this server runs. */
  readonly number: number;
}

/**
 * The newest changes, in memory, for whoever watches. Its meaning is that of PostgreSQL's NOTIFY, which is to carry
 * it when several servers share a database: what is emitted in a transaction is heard when that commits and not at
 * all when it rolls back. The truth is in the rows, so nothing is lost with it but a watcher's place: the epoch
 * changes with every start and a watcher of an older one reads everything again.
 */
export interface Changes {
  /** With `trx`, when that commits (it must come from `store.transaction`); else at once. */
  emit(change: StoreChange, trx?: Transaction<Database>): void;
  /** The id of the newest change, `<epoch>-<number>`; before the first one it ends in 0. */
  lastId(): string;
  idOf(number: number): string;
  /** Those after `id`, oldest first; null when that cannot be known: another epoch, or too long ago. */
  since(id: string): readonly NumberedChange[] | null;
  /** Calls `listener` with every change until the returned function is called. */
  on(listener: (change: NumberedChange) => void): () => void;
}

export interface ChangesInside extends Changes {
  /** Keeps what `trx` emits until the returned function is called, which is when it has committed. */
  hold(trx: Transaction<Database>): () => void;
}

/** A busy minute has some hundreds; who is away for longer reads everything again. */
const KEPT = 10_000;

export function createChanges(kept = KEPT): ChangesInside {
  const epoch = randomBytes(6).toString('hex');
  const listeners = new Set<(change: NumberedChange) => void>();
  const held = new WeakMap<Transaction<Database>, StoreChange[]>();
  /** Change `n` lies at `n % kept`. */
  const ring: NumberedChange[] = [];
  let last = 0;

  const publish = (change: StoreChange): void => {
    last += 1;
    const numbered = { ...change, number: last };
    ring[last % kept] = numbered;
    for (const listener of listeners) listener(numbered);
  };

  const idOf = (number: number): string => `${epoch}-${number}`;

  return {
    emit: (change, trx) => {
      const waiting = trx === undefined ? undefined : held.get(trx);
      if (waiting === undefined) publish(change);
      else waiting.push(change);
    },
    hold: (trx) => {
      const waiting: StoreChange[] = [];
      held.set(trx, waiting);
      return () => {
        held.delete(trx);
        for (const change of waiting) publish(change);
      };
    },
    lastId: () => idOf(last),
    idOf,
    since: (id) => {
      const [, itsEpoch, digits = ''] = /^([0-9a-f]+)-(\d{1,15})$/.exec(id) ?? [];
      const number = Number(digits);
      if (itsEpoch !== epoch || number > last || number < last - kept) return null;
      const found: NumberedChange[] = [];
      for (let next = number + 1; next <= last; next += 1) {
        const change = ring[next % kept];
        if (change !== undefined) found.push(change);
      }
      return found;
    },
    on: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
