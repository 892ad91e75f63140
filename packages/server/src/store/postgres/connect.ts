import type { ClientConfig } from 'pg';
import pg from 'pg';

/** Object ids of PostgreSQL's types (catalogue `pg_type`) whose text is to become a number, as SQLite answers them. */
const BOOL = 16;
const INT8 = 20;
const NUMERIC = 1700;

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [BOOL]: (text) => (text === 't' ? 1 : 0),
  [INT8]: Number,
  [NUMERIC]: Number,
};

/** A server that was frozen in the middle of a transaction holds up all others no longer than this. */
const IDLE_IN_TRANSACTION_MS = 15_000;
const LOCK_MS = 60_000;
const CONNECT_MS = 10_000;

/** How every connection of a server to its database is made. `name` shows in `pg_stat_activity`. */
export function connection(databaseUrl: string, name: string): ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    lock_timeout: LOCK_MS,
    types: {
      getTypeParser: ((id: number, format?: 'text' | 'binary') =>
        parsers[id] ?? pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
    },
  };
}

/** Without its password, for messages. */
export function shown(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl);
    if (url.password !== '') url.password = '***';
    url.searchParams.delete('password');
    return url.href;
  } catch {
    return 'the database';
  }
}
