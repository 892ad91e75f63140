import type { ServiceKind } from '../types.ts';
import { hostLabel } from './host-label.ts';

const PORT = 5432;

/** By the documented interface of the official image: POSTGRES_*, and its data in PGDATA. */
export const postgresql: ServiceKind = {
  name: 'postgresql',
  uuid: '5e5c0000-0000-4000-8000-00000000000a',
  type: 'DATABASE',
  title: 'PostgreSQL',
  description: 'A PostgreSQL database: DATABASE_URL and <PREFIX>_DATABASE_DSN.',
  program: ({ prefix, image }, { user, password, database }) =>
    image === null
      ? null
      : {
          image,
          alias: alias(prefix),
          variables: {
            POSTGRES_USER: user,
            POSTGRES_PASSWORD: password,
            POSTGRES_DB: database,
            // Below the mount point, which is not empty on every file system.
            PGDATA: '/var/lib/postgresql/data/pgdata',
          },
          command: null,
          dataPath: '/var/lib/postgresql/data',
          stopSeconds: 60,
        },
  // Over TCP: while the image makes the database, a server of the moment answers on the socket alone.
  probe: ({ user, password, database }) => ({
    argv: [
      ...['psql', '-h', '127.0.0.1', '-p', String(PORT), '-U', user, '-d', database],
      ...['-X', '-q', '-t', '-A', '-c', 'select 1'],
    ],
    variables: { PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' },
  }),
  variables: (prefix, { user, password, database }) => {
    const dsn = `postgres://${user}:${password}@${alias(prefix)}:${PORT}/${database}`;
    return {
      [`${prefix}_DATABASE_DSN`]: dsn,
      ...(prefix === 'DEFAULT' ? { DATABASE_URL: dsn } : {}),
    };
  },
  mountPath: () => null,
};

const alias = (prefix: string): string => `database-${hostLabel(prefix)}`;
