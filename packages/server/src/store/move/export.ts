import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type pg from 'pg';
import { SluiceError } from '../../errors.ts';
import { migrations } from '../migrations/index.ts';
import { quoted, rowsOf, withClient } from './client.ts';
import { createDigest } from './digest.ts';
import { openSource, type Source, type SourceTable } from './source.ts';

export interface ExportOptions {
  readonly databaseUrl: string;
  /** Gets `sluice.db`, an embedded database with every row. */
  readonly directory: string;
  /** Makes an empty embedded database of this version there. */
  readonly prepare: () => Promise<void>;
  readonly progress: (rows: number, table: string) => void;
}

/**
 * Copies a PostgreSQL database, as it is at one moment and while servers write to it, into an embedded one, and reads
 * that back. Sluice's own copy needs no `pg_dump` of the server's version, and can be restored into either kind of
 * database. Throws `conflict` where the database is of another version of Sluice.
 */
export async function exportStore(options: ExportOptions): Promise<void> {
  await options.prepare();
  const path = join(options.directory, 'sluice.db');
  const empty = openSource(path);
  const { tables } = empty;
  empty.close();
  const sums = await withClient(options.databaseUrl, async (client) => {
    await client.query('begin isolation level repeatable read read only');
    await refuseOtherVersion(client);
    return copyAll(client, path, tables, options.progress);
  });
  const copy = openSource(path);
  try {
    for (const table of copy.tables) check(copy, table, sums.get(table.name));
  } finally {
    copy.close();
  }
}

async function refuseOtherVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select name from kysely_migration').catch(() => {
    throw new SluiceError('conflict', 'The PostgreSQL database is not one of Sluice.', {
      remedy: 'See that SLUICE_DATABASE_URL names the database that the servers work on.',
    });
  });
  const there = rows.map((row: { name: string }) => row.name);
  const missing = Object.keys(migrations).filter((name) => !there.includes(name));
  const unknown = there.filter((name) => !(name in migrations));
  if (missing.length + unknown.length === 0) return;
  throw new SluiceError(
    'conflict',
    `The database is of another version of Sluice (${[...missing, ...unknown].join(', ')}).`,
    { remedy: 'Use the version of Sluice that its servers run.' },
  );
}

async function copyAll(
  client: pg.Client,
  path: string,
  tables: readonly SourceTable[],
  progress: ExportOptions['progress'],
): Promise<ReadonlyMap<string, string>> {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    // It is read back and made durable with the archive it goes into; a crash leaves nothing that looks whole.
    database.exec('pragma synchronous = off');
    database.exec('begin');
    const sums = new Map<string, string>();
    let done = 0;
    for (const table of tables) {
      const sum = createDigest();
      database.exec(`delete from ${quoted(table.name)}`);
      const columns = table.columns.map(quoted).join(', ');
      const places = table.columns.map(() => '?').join(', ');
      const insert = database.prepare(
        `insert into ${quoted(table.name)} (${columns}) values (${places})`,
      );
      for await (const rows of rowsOf(client, table)) {
        for (const row of rows) {
          insert.run(...row);
          sum.add(row);
        }
        done += rows.length;
        progress(done, table.name);
      }
      sums.set(table.name, sum.text());
      await setCounter(client, database, table.name);
    }
    database.exec('commit');
    return sums;
  } finally {
    database.close();
  }
}

/** What counts by itself goes on from the highest number that was ever given. */
async function setCounter(client: pg.Client, database: DatabaseSync, table: string): Promise<void> {
  const counts = /\bautoincrement\b/i.test(
    String(database.prepare('select sql from sqlite_master where name = ?').get(table)?.['sql']),
  );
  if (!counts) return;
  const { rows } = await client.query("select pg_get_serial_sequence($1, 'id') as name", [
    quoted(table),
  ]);
  const { rows: found } = await client.query(
    `select case when is_called then last_value else 0 end as last from ${rows[0].name}`,
  );
  database.prepare('delete from sqlite_sequence where name = ?').run(table);
  database
    .prepare('insert into sqlite_sequence (name, seq) values (?, ?)')
    .run(table, found[0].last);
}

function check(copy: Source, table: SourceTable, sum: string | undefined): void {
  const here = createDigest();
  for (const row of copy.rows(table)) here.add(row);
  if (here.text() === sum) return;
  throw new SluiceError('internal', `${table.name} was not copied as it is. Nothing was kept.`);
}
