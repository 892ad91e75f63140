import { SluiceError } from '../../errors.ts';
import { shown } from '../postgres/connect.ts';
import { quoted, withClient } from './client.ts';

export interface Use {
  /** The first table that holds more than a new database does, and how many rows it has; null: nothing was ever written. */
  readonly table: { readonly name: string; readonly rows: number } | null;
  /** Servers that work on it now, wherever they run. */
  readonly servers: number;
}

/** Where nothing was ever written it has this many rows. */
const ROWS_WHEN_NEW: Readonly<Record<string, number>> = { audit_head: 1 };
const INTERNAL = ['kysely_migration', 'kysely_migration_lock'];

/** How a PostgreSQL database is used. */
export function readUse(databaseUrl: string): Promise<Use> {
  return withClient(databaseUrl, async (client) => {
    const { rows: activity } = await client.query(
      "select count(*) as count from pg_stat_activity where datname = current_database() and application_name = 'sluice listen'",
    );
    const servers: number = activity[0].count;
    const { rows } = await client.query(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    for (const { name } of rows as { name: string }[]) {
      if (INTERNAL.includes(name)) continue;
      const { rows: found } = await client.query(`select count(*) as count from ${quoted(name)}`);
      const count: number = found[0].count;
      if (count > (ROWS_WHEN_NEW[name] ?? 0)) return { servers, table: { name, rows: count } };
    }
    return { servers, table: null };
  });
}

/** Throws `conflict` where servers work on it, or, unless `replace`, where it has rows. */
export async function refuseUsed(databaseUrl: string, replace = false): Promise<Use> {
  const use = await readUse(databaseUrl);
  if (use.servers > 0) {
    throw new SluiceError('conflict', `A server works on ${shown(databaseUrl)}.`, {
      remedy: 'Stop all servers of this database first; applications may go on.',
    });
  }
  if (use.table !== null && !replace) {
    const { name, rows } = use.table;
    throw new SluiceError(
      'conflict',
      `${shown(databaseUrl)} is not empty: ${name} has ${rows} rows.`,
      { remedy: 'Make a new database with createdb and name that one.' },
    );
  }
  return use;
}
