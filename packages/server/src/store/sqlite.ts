import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { createLru } from '../lru.ts';

/**
 * Takes the write lock at once. A plain `begin` that reads first and then writes fails immediately, whatever
 * `busy_timeout` says, when another process (`sluice admin`) committed in between.
 */
const BEGIN = 'begin immediate';

/** To prepare one takes as long as to run it, and the server asks the same questions over and over. */
const STATEMENTS_KEPT = 500;
const KEEPABLE = /^(select|insert|update|delete|begin|commit|rollback|with)\b/i;

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
  const kept = createLru<SqliteStatement>(STATEMENTS_KEPT);
  const prepare = (sql: string) =>
    adaptStatement(database.prepare(sql === 'begin' ? BEGIN : sql), () => database.prepare(sql));
  return {
    close: () => {
      kept.clear();
      database.close();
    },
    prepare: (sql) => {
      const known = kept.get(sql);
      if (known !== undefined) return known;
      const statement = prepare(sql);
      if (KEEPABLE.test(sql)) kept.set(sql, statement);
      // What it answers may have other columns from now on.
      else kept.clear();
      return statement;
    },
  };
}

/** `again` prepares the same once more: two readers in the middle of their rows cannot share a statement. */
function adaptStatement(statement: StatementSync, again: () => StatementSync): SqliteStatement {
  return {
    // A statement that answers rows knows their columns; INSERT without RETURNING has none.
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toSqlValue)),
    run: (parameters) => statement.run(...parameters.map(toSqlValue)),
    iterate: (parameters) => again().iterate(...parameters.map(toSqlValue)),
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
