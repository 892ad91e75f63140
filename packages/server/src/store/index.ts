import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, SqliteDialect, type Transaction } from 'kysely';
import { SluiceError } from '../errors.ts';
import { createEventBus, type EventBus } from './bus.ts';
import { type Changes, createChanges } from './changes.ts';
import { createLogStore, type LogStore } from './logs.ts';
import { createMessages, type Messages } from './messages.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema/index.ts';
import { openSqlite } from './sqlite.ts';

export type { EventBus } from './bus.ts';
export type { Changes, NumberedChange, StoreChange } from './changes.ts';
export type { LogStore } from './logs.ts';
export type { Messages, PullRequestMessage, Topic, Topics } from './messages.ts';
export type { Database } from './schema/index.ts';
export type Trx = Transaction<Database>;

/** The only place where state lives. It knows no room. */
export interface Store {
  readonly db: Kysely<Database>;
  readonly messages: Messages;
  readonly events: EventBus;
  /** What people may want to see again, for the stream of events. */
  readonly changes: Changes;
  readonly logs: LogStore;
  /**
   * Runs `work` in one transaction; it commits when `work` resolves and rolls back when it throws. SQLite has one
   * connection here, so `work` must await nothing but its own queries: a query through `db` inside it waits for ever.
   */
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Holds `sluice.db` and `logs/`; made when it is not there. */
  readonly dataDir: string;
  readonly busyTimeoutMs?: number;
}

/** Opens (and if need be makes or migrates) the embedded database of a data directory. */
export async function openStore({ dataDir, busyTimeoutMs = 5_000 }: StoreOptions): Promise<Store> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'sluice.db');
  const db = new Kysely<Database>({
    dialect: new SqliteDialect({ database: async () => openSqlite(path, busyTimeoutMs) }),
  });
  try {
    await migrate(db as unknown as Kysely<never>);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw explain(error, path);
  }
  const events = createEventBus();
  const changes = createChanges();
  return {
    db,
    events,
    changes,
    messages: createMessages(db, events),
    logs: createLogStore(join(dataDir, 'logs'), events),
    transaction: async (work) => {
      let publish = () => {};
      const result = await db.transaction().execute((trx) => {
        publish = changes.hold(trx);
        return work(trx);
      });
      publish();
      return result;
    },
    close: () => db.destroy(),
  };
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof SluiceError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/locked|busy/i.test(text)) {
    return new SluiceError('unavailable', `The database ${path} is locked by another process.`, {
      remedy: 'Stop the other process (a backup tool, sqlite3, a second server) and start again.',
      cause: error,
    });
  }
  if (/not a database|malformed|corrupt/i.test(text)) {
    return new SluiceError('internal', `The database ${path} is damaged: ${text}.`, {
      remedy: 'Restore the newest backup; the file was left as it is.',
      cause: error,
    });
  }
  return new SluiceError('unavailable', `The database ${path} cannot be opened: ${text}.`, {
    cause: error,
  });
}
