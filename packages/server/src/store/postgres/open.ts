import { Kysely } from 'kysely';
import pg from 'pg';
import { SluiceError } from '../../errors.ts';
import { createTurns } from '../../turns.ts';
import type { Engine, Trx } from '../engine.ts';
import type { Database } from '../schema/index.ts';
import { connection, shown } from './connect.ts';
import { portableDialect } from './dialect.ts';
import { openLocks } from './locks.ts';
import { openWire } from './wire.ts';

/** All transactions of all servers take it first: see docs/adr/0008. */
const WRITER = 5_127_431_853_009;
/** One way to the server and back, while which nobody else writes. */
const BEGIN_WITH = {
  'read committed': `begin isolation level read committed; select pg_advisory_xact_lock(${WRITER})`,
};
const DEADLOCK = '40P01';
const MOST_TRIES = 5;

/** A database that several servers share. */
export async function openPostgres(databaseUrl: string, connections: number): Promise<Engine> {
  const pool = new pg.Pool({ ...connection(databaseUrl, 'sluice'), max: connections });
  // An idle connection that breaks is replaced when one is needed.
  pool.on('error', () => undefined);
  // One that breaks in the middle of a transaction fails its next statement; unheard, it would end the whole server.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Database>({ dialect: portableDialect({ pool, beginWith: BEGIN_WITH }) });
  const turns = createTurns();

  const attempt = <T>(work: (trx: Trx) => Promise<T>): Promise<T> =>
    // Each statement sees what was committed before it, also what was while this one waited for the lock.
    db.transaction().setIsolationLevel('read committed').execute(work);

  return {
    db,
    kind: 'postgres',
    // One at a time here as well: those that wait for the lock would only take connections from those that read.
    transaction: (work) =>
      turns.take('', async () => {
        for (let tries = 1; ; tries += 1) {
          try {
            return await attempt(work);
          } catch (error) {
            // With a statement outside of transactions, which is done with by now.
            if (!isDeadlock(error) || tries === MOST_TRIES) throw error;
          }
        }
      }),
    share: async (hearing) => {
      const locks = await openLocks(databaseUrl);
      const wire = await openWire(databaseUrl, hearing).catch(async (error: unknown) => {
        await locks.close();
        throw error;
      });
      return { locks, wire };
    },
    explain: (error) => explain(error, databaseUrl),
    close: () => db.destroy(),
  };
}

const isDeadlock = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === DEADLOCK;

function explain(error: unknown, databaseUrl: string): SluiceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message || code : String(error);
  const remedy =
    code === '28P01' || code === '28000'
      ? 'Check the user and the password in SLUICE_DATABASE_URL.'
      : code === '3D000'
        ? 'Make the database first: createdb NAME.'
        : 'Check that PostgreSQL runs and that SLUICE_DATABASE_URL names it.';
  return new SluiceError(
    'unavailable',
    `The database ${shown(databaseUrl)} cannot be opened: ${text}.`,
    {
      cause: error,
      remedy,
    },
  );
}
