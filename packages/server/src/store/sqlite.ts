import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/**
 * Takes the write lock at once. A plain `begin` that reads first and then writes fails immediately, whatever
 * `busy_timeout` says, when another process (`sluice admin`) committed in between.
 */
const BEGIN = 'begin immediate';

/**
 * Opens SQLite through `node:sqlite` in the shape that Kysely's dialect expects.
 *
 * WAL and `synchronous=FULL`: a committed transaction survives a power cut, and readers of another
 * process (`sluice admin`) do not block the server. `busy_timeout` lets two processes take turns.
 */
export function openSqlite(path: string, busyTimeoutMs: number): SqliteDatabase {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  database.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  return {
    close: () => database.close(),
    prepare: (sql) => adaptStatement(database.prepare(sql === 'begin' ? BEGIN : sql)),
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    // A statement that answers rows knows their columns; INSERT without RETURNING has none.
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toSqlValue)),
    run: (parameters) => statement.run(...parameters.map(toSqlValue)),
    iterate: (parameters) => statement.iterate(...parameters.map(toSqlValue)),
  };
}

function toSqlValue(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined) return null;
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Uint8Array
  ) {
    return value;
  }
  throw new TypeError(`a ${typeof value} cannot be stored; serialise it first`);
}
