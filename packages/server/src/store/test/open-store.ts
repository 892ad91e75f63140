import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import pg from 'pg';
import { openStore as open, type S3Options, type Store } from '../index.ts';

/**
 * The store of a test: in SQLite in its data directory, or, with SLUICE_TEST_DATABASE=postgres, in a PostgreSQL
 * database of its own. The same directory has the same database again, also in another process.
 */
export async function openStore(options: {
  readonly dataDir: string;
  readonly s3?: S3Options | null;
}): Promise<Store> {
  return open({ ...options, databaseUrl: await databaseUrlOf(options.dataDir) });
}

/** The setting `databaseUrl` of a server that works on this directory: empty for SQLite. */
export async function databaseUrlOf(dataDir: string): Promise<string> {
  const { SLUICE_TEST_DATABASE_URL: cluster } = process.env;
  return cluster === undefined ? '' : databaseOf(cluster, dataDir);
}

/** Made from a template, for the migrations would take longer than most tests. */
const TEMPLATE = 'sluice_template';
/** Two tests that make a database at once wait for each other. */
const LOCK = 4_711;

async function databaseOf(cluster: string, dataDir: string): Promise<string> {
  const name = `t_${createHash('sha256').update(dataDir).digest('hex').slice(0, 24)}`;
  const client = new pg.Client(cluster);
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(${LOCK})`);
    const { rows } = await client.query('select datname as name from pg_database');
    const known = new Set(rows.map((row: { name: string }) => row.name));
    await client.query('create table if not exists stores (name text primary key, directory text)');
    if (!known.has(TEMPLATE)) {
      await client.query(`create database ${TEMPLATE}`);
      const store = await open({ dataDir, databaseUrl: at(cluster, TEMPLATE) });
      await store.close();
      await client.query(`alter database ${TEMPLATE} allow_connections false`);
    }
    if (!known.has(name)) {
      await dropAbandoned(client);
      await client.query(`create database ${name} template ${TEMPLATE}`);
      await client.query('insert into stores values ($1, $2) on conflict do nothing', [
        name,
        dataDir,
      ]);
    }
  } finally {
    await client.end();
  }
  return at(cluster, name);
}

/** A test removes its data directory when it ends, and knows nothing of its database. */
async function dropAbandoned(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select name, directory from stores');
  for (const { name, directory } of rows as { name: string; directory: string }[]) {
    if (existsSync(directory)) continue;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query('delete from stores where name = $1', [name]);
  }
}

const at = (cluster: string, name: string): string => {
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return url.href;
};

/** Lets the test change what nobody may change, as somebody with the database's file or password could. */
export async function unprotectAuditLog(store: Store): Promise<void> {
  const table = store.kind === 'sqlite' ? '' : ' on audit_log';
  for (const verb of ['update', 'delete']) {
    await sql.raw(`drop trigger audit_log_no_${verb}${table}`).execute(store.db);
  }
}
