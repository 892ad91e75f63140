import pg from 'pg';
import { SluiceError } from '../../errors.ts';
import { connection, shown } from '../postgres/connect.ts';
import type { Row } from './source.ts';

const FETCHED = 2_000;

/** One connection for one piece of work. Throws `unavailable` where there is no such database. */
export async function withClient<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection(databaseUrl, 'sluice admin'));
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

/** All rows of a table, a part at a time, inside a transaction of `client`. */
export async function* rowsOf(
  client: pg.Client,
  table: { readonly name: string; readonly columns: readonly string[] },
): AsyncGenerator<readonly Row[]> {
  const columns = table.columns.map(quoted).join(', ');
  await client.query(`declare sluice_rows cursor for select ${columns} from ${quoted(table.name)}`);
  for (;;) {
    const text = `fetch ${FETCHED} from sluice_rows`;
    const { rows } = await client.query({ text, rowMode: 'array' });
    if (rows.length === 0) break;
    yield rows as Row[];
  }
  await client.query('close sluice_rows');
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
