import { type RawBuilder, sql } from 'kysely';
import type { Store } from '../../packages/server/src/store/index.ts';

/** What the two databases say differently. */
export interface Words {
  /** A whole number as forty hexadecimal digits. */
  hex(number: RawBuilder<unknown>): RawBuilder<string>;
  /** So many whole seconds ago, as the store writes times. */
  ago(seconds: RawBuilder<unknown>): RawBuilder<string>;
  /** After ids were given by hand: the next one comes behind them. Figures of what is there are made anew. */
  settle(store: Store, tables: readonly string[]): Promise<void>;
}

const sqlite: Words = {
  hex: (number) => sql`printf('%040x', ${number})`,
  ago: (seconds) =>
    sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || cast(${seconds} as integer) || ' seconds')`,
  settle: async () => undefined,
};

const postgres: Words = {
  hex: (number) => sql`lpad(to_hex(${number}), 40, '0')`,
  ago: (seconds) => sql`to_char(now() at time zone 'utc' - make_interval(secs => floor(${seconds})),
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  settle: async ({ db }, tables) => {
    for (const table of tables)
      await sql`select setval(pg_get_serial_sequence(${table}, 'id'), (select max(id) from ${sql.table(table)}))`.execute(
        db,
      );
    // Autovacuum does it everywhere else, a little later.
    await sql`vacuum analyze`.execute(db);
  },
};

export const wordsOf = ({ kind }: Store): Words => (kind === 'sqlite' ? sqlite : postgres);
