import type pg from 'pg';
import { SluiceError } from '../../errors.ts';
import { migrations } from '../migrations/index.ts';
import { quoted, rowsOf, withClient } from './client.ts';
import { createDigest } from './digest.ts';
import { openSource, type Row, type Source, type SourceTable } from './source.ts';
import { refuseUsed } from './used.ts';

export interface MovedTable {
  readonly name: string;
  readonly rows: number;
  /** Of its rows, the same on both sides. */
  readonly checksum: string;
}

export interface MoveOptions {
  /** The embedded database; only read. */
  readonly path: string;
  readonly databaseUrl: string;
  /** Keeps the rows of a database that has some elsewhere, before others take their place; without it it is refused. */
  readonly keep?: () => Promise<void>;
  /** Makes the schema of this version in an empty database. */
  readonly prepare: () => Promise<void>;
  readonly progress: (done: number, all: number, table: string) => void;
}

const MOST_PARAMETERS = 20_000;
const MOST_ROWS = 1_000;

/**
 * Copies an embedded database into PostgreSQL in one transaction, and commits only after all rows were read back and are
 * the same. Throws SluiceError `conflict` where the target is in use or not empty, or the source is of another version.
 */
export async function moveStore(options: MoveOptions): Promise<MovedTable[]> {
  const source = openSource(options.path);
  try {
    refuseOtherVersion(source);
    const { table } = await refuseUsed(options.databaseUrl, options.keep !== undefined);
    await options.prepare();
    if (table !== null) await options.keep?.();
    return await withClient(options.databaseUrl, (client) => copyAll(client, source, options));
  } finally {
    source.close();
  }
}

function refuseOtherVersion({ migrations: there }: Source): void {
  const missing = Object.keys(migrations).filter((name) => !there.includes(name));
  const unknown = there.filter((name) => !(name in migrations));
  if (missing.length + unknown.length === 0) return;
  const remedy =
    unknown.length > 0
      ? 'Use the version of Sluice that wrote it.'
      : 'Start and stop its server once with this version, which brings it up to date.';
  const which = [...missing, ...unknown].join(', ');
  throw new SluiceError('conflict', `The embedded database is of another version (${which}).`, {
    remedy,
  });
}

async function copyAll(
  client: pg.Client,
  source: Source,
  { progress }: MoveOptions,
): Promise<MovedTable[]> {
  const all = source.tables.reduce((sum, table) => sum + table.count, 0) * 2;
  let done = 0;
  const step = (table: string) => (count: number) => {
    done += count;
    progress(done, all, table);
  };
  await client.query('begin isolation level serializable');
  const list = source.tables.map((table) => quoted(table.name)).join(', ');
  await client.query(`truncate ${list}`);
  for (const table of source.tables) await copyTable(client, source, table, step(table.name));
  const moved: MovedTable[] = [];
  for (const table of source.tables) {
    moved.push(await checkTable(client, source, table, step(table.name)));
    await setCounter(client, table);
  }
  await client.query('commit');
  return moved;
}

async function copyTable(
  client: pg.Client,
  source: Source,
  table: SourceTable,
  step: (count: number) => void,
): Promise<void> {
  const width = table.columns.length;
  const most = Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / width));
  const columns = table.columns.map(quoted).join(', ');
  let batch: Row[] = [];
  const write = async () => {
    if (batch.length === 0) return;
    const places = batch.map((_, row) => `(${numbers(row * width, width)})`).join(', ');
    await client.query(
      `insert into ${quoted(table.name)} (${columns}) values ${places}`,
      batch.flat(),
    );
    step(batch.length);
    batch = [];
  };
  for (const row of source.rows(table)) {
    batch.push(row);
    if (batch.length === most) await write();
  }
  await write();
}

const numbers = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `$${from + index + 1}`).join(', ');

/** Reads both sides once more. Throws, and so rolls everything back, where they differ. */
async function checkTable(
  client: pg.Client,
  source: Source,
  table: SourceTable,
  step: (count: number) => void,
): Promise<MovedTable> {
  const here = createDigest();
  for (const row of source.rows(table)) here.add(row);
  const there = createDigest();
  for await (const rows of rowsOf(client, table)) {
    for (const row of rows) there.add(row);
    step(rows.length);
  }
  if (here.count !== there.count || here.text() !== there.text()) {
    throw new SluiceError(
      'internal',
      `${table.name} did not arrive as it was (${here.count} rows here, ${there.count} there). Nothing was kept.`,
    );
  }
  return { name: table.name, rows: here.count, checksum: here.text() };
}

/** The next row gets a number that no row ever had, also where the newest ones were removed. */
async function setCounter(client: pg.Client, table: SourceTable): Promise<void> {
  if (table.counted === 0) return;
  await client.query("select setval(pg_get_serial_sequence($1, 'id'), $2)", [
    quoted(table.name),
    table.counted,
  ]);
}
