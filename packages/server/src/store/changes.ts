import { randomBytes } from 'node:crypto';
import type { ChangeKind } from '@sluice/contract';
import type { Transaction } from 'kysely';
import { createHolding, type Held } from './held.ts';
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
 * The newest changes, in memory, for whoever watches, on every server that shares the database (by PostgreSQL's NOTIFY,
 * whose meaning it has): what is emitted in a transaction is heard when that commits and not at all when it rolls back.
 * The truth is in the rows, so nothing is lost with it but a watcher's place: each server has an epoch of its own, which
 * changes with every start, and a watcher of another one reads everything again.
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
  /** Calls `listener` when changes of other servers may have been missed: everything is to be read again. */
  onLost(listener: () => void): () => void;
}

export interface ChangesInside extends Changes {
  /** Keeps what `trx` emits until it is released. */
  hold(trx: Transaction<Database>): Held<StoreChange>;
  /** Tells the watchers of this process only: another server told so, or what was held is committed. */
  publish(change: StoreChange): void;
  /** Other servers may have said what nobody heard here: places of before are worth nothing, a new epoch begins. */
  lose(): void;
}

/** A busy minute has some hundreds; who is away for longer reads everything again. */
const KEPT = 10_000;

/** `relay` is told of every change that is emitted outside of transactions, for the other servers. */
export function createChanges(
  kept = KEPT,
  relay: (change: StoreChange) => void = () => {},
): ChangesInside {
  const newEpoch = () => randomBytes(6).toString('hex');
  let epoch = newEpoch();
  /** Of the changes up to this one some may be unknown here. */
  let lostUpTo = 0;
  const listeners = new Set<(change: NumberedChange) => void>();
  const losers = new Set<() => void>();
  const holding = createHolding<StoreChange>();
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
      if (holding.keep(trx, change)) return;
      publish(change);
      relay(change);
    },
    hold: holding.open,
    publish,
    lose: () => {
      epoch = newEpoch();
      lostUpTo = last;
      for (const loser of losers) loser();
    },
    lastId: () => idOf(last),
    idOf,
    since: (id) => {
      const [, itsEpoch, digits = ''] = /^([0-9a-f]+)-(\d{1,15})$/.exec(id) ?? [];
      const number = Number(digits);
      if (itsEpoch !== epoch || number < lostUpTo) return null;
      if (number > last || number < last - kept) return null;
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
    onLost: (listener) => {
      losers.add(listener);
      return () => {
        losers.delete(listener);
      };
    },
  };
}
