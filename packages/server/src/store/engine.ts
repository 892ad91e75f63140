import type { Kysely, Transaction } from 'kysely';
import type { StoreChange } from './changes.ts';
import type { Locks } from './locks.ts';
import type { Database } from './schema/index.ts';

export type Trx = Transaction<Database>;

/** What one server tells the others that share its database. */
export type Note =
  | { readonly event: string }
  | { readonly change: StoreChange }
  /** Something could not be told: everything is to be read again. */
  | { readonly lost: true };

/** Tells the other servers of this database what happened here. */
export interface Wire {
  /** Soon, and again until it worked. */
  tell(note: Note): void;
  /** When `trx` commits. */
  tellIn(trx: Trx, notes: readonly Note[]): Promise<void>;
  close(): Promise<void>;
}

/** What is done with what the others tell. */
export interface Hearing {
  readonly hear: (note: Note) => void;
  /** Something may have been told while nobody listened here. */
  readonly deaf: () => void;
}

/** Where the rows are. */
export interface Engine {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Kysely<Database>;
  /** One after the other over all servers, so that what one reads nobody changes before it has written. */
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>;
  /** Joins the other servers of this database. */
  share(hearing: Hearing): Promise<{ locks: Locks & { close(): Promise<void> }; wire: Wire }>;
  /** What to tell people of an error while opening. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}
