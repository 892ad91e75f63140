import type { Credentials } from '../../types.ts';
import type { Inside } from './inside.ts';
import { DataFailure, type Format, type ServiceData } from './types.ts';

const MAINTENANCE = 'postgres';
/** Sessions are ended so often, ten times a second: those that ask anew wait for the rename. */
const END_SESSIONS_TIMES = 100;
const WHOLE = ['--no-owner', '--no-privileges'];

/**
 * A restore fills a database of its own and then takes the name, in one transaction: whoever dies meanwhile, the name leads to all of
 * the one or all of the other. Sessions on the old one end then; those that come while it is renamed wait for it.
 */
export function postgresqlData(inside: Inside, credentials: Credentials): ServiceData {
  const { user, password, database } = credentials;
  const fresh = (id: string) => `sluice_new_${bare(id)}`;
  const former = (id: string) => `sluice_old_${bare(id)}`;
  const variables = {
    ...{ PGHOST: '127.0.0.1', PGPORT: '5432', PGUSER: user, PGPASSWORD: password },
    PGCONNECT_TIMEOUT: '20',
  };
  const psql = (into: string, ...words: string[]) => ({
    words: ['psql', '-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', into, ...words],
    variables,
  });
  const sql = async (statement: string) =>
    (await inside.text(psql(MAINTENANCE, '-c', statement))).trim();
  const oidOf = (name: string) =>
    sql(`SELECT oid FROM pg_database WHERE datname = ${literal(name)}`);
  const drop = (name: string) => sql(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);

  const restoring = (format: Format, name: string) => {
    if (format === 'sql') return psql(name, '--single-transaction', '-o', '/dev/null');
    if (format === 'pg-custom') {
      const words = ['pg_restore', ...WHOLE, '--exit-on-error', '--single-transaction'];
      return { words: [...words, '-d', name], variables };
    }
    throw new DataFailure('This is no dump of a PostgreSQL database.');
  };

  return {
    format: 'pg-custom',
    dump: (signal) =>
      inside.stream({ words: ['pg_dump', '-Fc', ...WHOLE, '-d', database], variables, signal }),

    load: async (id, dump, format, signal) => {
      const name = fresh(id);
      const like = await sql(
        `SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding), datcollate, datctype) FROM pg_database WHERE datname = ${literal(database)}`,
      );
      if (like === '') throw new DataFailure(`There is no database "${database}" in the service.`);
      await drop(name);
      await sql(`CREATE DATABASE ${quoted(name)} TEMPLATE template0 ${like}`);
      await inside.text({ ...restoring(format, name), input: dump, signal });
    },

    switch: async (id) => {
      const oid = await oidOf(database);
      const ending = sql(endSessions(oid, database));
      const renaming = inside.text(
        psql(
          MAINTENANCE,
          '--single-transaction',
          ...['-c', `ALTER DATABASE ${quoted(database)} RENAME TO ${quoted(former(id))}`],
          ...['-c', `ALTER DATABASE ${quoted(fresh(id))} RENAME TO ${quoted(database)}`],
        ),
      );
      const [renamed] = await Promise.allSettled([renaming, ending]);
      if (renamed.status === 'rejected') throw renamed.reason;
    },

    wasSwitched: async (id) => {
      // First, so that a rename that still goes on fails, or is seen.
      await drop(fresh(id));
      return (await oidOf(former(id))) !== '';
    },

    clean: async (id) => {
      await drop(fresh(id));
      await drop(former(id));
    },
  };
}

/** By the database's number, for its name leads to the new one as soon as it is renamed. */
const endSessions = (oid: string, database: string): string =>
  `DO $$ BEGIN FOR i IN 1..${END_SESSIONS_TIMES} LOOP
     EXIT WHEN NOT EXISTS (SELECT 1 FROM pg_database WHERE oid = ${oid} AND datname = ${literal(database)});
     PERFORM pg_stat_clear_snapshot();
     PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid = ${oid};
     PERFORM pg_sleep(0.1);
   END LOOP; END $$`;

const bare = (id: string): string => id.replaceAll('-', '');
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
