import pg from 'pg';
import { SluiceError } from '../../errors.ts';
import { migrations } from '../migrations/index.ts';
import { connection, shown } from '../postgres/connect.ts';
import { createDigest } from './digest.ts';
import { openSource, type Row, type Source, type SourceTable } from './source.ts';

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
  /** Makes the schema of this version in an empty database. */
  readonly prepare: () => Promise<void>;
  readonly progress: (done: number, all: number, table: string) => void;
}

/** Where nothing was ever written it has this many rows. */
const ROWS_WHEN_NEW: Readonly<Record<string, number>> = { audit_head: 1 };
const INTERNAL = ['kysely_migration', 'kysely_migration_lock'];
const MOST_PARAMETERS = 20_000;
const MOST_ROWS = 1_000;
const FETCHED = 2_000;

/**
 * Copies an embedded database into an empty PostgreSQL in one transaction, and commits only after all rows were read
 * back and are the same. Throws SluiceError `conflict` where the target is not empty or the source is of another version.
 */
export async function moveStore(options: MoveOptions): Promise<MovedTable[]> {
  const source = openSource(options.path);
  try {
    refuseOtherVersion(source);
    await refuseUsedTarget(options.databaseUrl);
    await options.prepare();
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

async function refuseUsedTarget(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    for (const { name } of rows as { name: string }[]) {
      if (INTERNAL.includes(name)) continue;
      const { rows: found } = await client.query(`select count(*) as count from ${quoted(name)}`);
      if (found[0].count <= (ROWS_WHEN_NEW[name] ?? 0)) continue;
      throw new SluiceError(
        'conflict',
        `${shown(databaseUrl)} is not empty: ${name} has ${found[0].count} rows.`,
        { remedy: 'Make a new database with createdb and name that one.' },
      );
    }
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
  const columns = table.columns.map(quoted).join(', ');
  await client.query(`declare moved cursor for select ${columns} from ${quoted(table.name)}`);
  for (;;) {
    const { rows } = await client.query({ text: `fetch ${FETCHED} from moved`, rowMode: 'array' });
    for (const row of rows as Row[]) there.add(row);
    step(rows.length);
    if (rows.length === 0) break;
  }
  await client.query('close moved');
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

async function withClient<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection(databaseUrl, 'sluice migrate-store'));
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('unavailable', `${shown(databaseUrl)} cannot be opened: ${why}.`, {
      remedy: 'Check that PostgreSQL runs and that the database exists (createdb).',
      cause,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
