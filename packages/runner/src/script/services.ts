import { type JobSettings, texts } from './config.ts';
import { quote } from './shell.ts';
import type { Writer } from './writer.ts';

interface Service {
  /** Where its clients look for it; null: it has no port. */
  port: number | null;
  /** The program without which there is nothing to start. */
  program: string;
  /** Starts it in the background, with its data in `$dir`; `$bin` is the program. */
  start: string;
  /** For the job's own shell, once it runs. */
  afterwards?: string;
}

const LOOPBACK = '127.0.0.1';

/** What can be started without being root. Everything ends with the job, and its data goes with it. */
const SERVICES: Readonly<Record<string, Service>> = {
  redis: {
    port: 6379,
    program: 'redis-server',
    start: `"$bin" --bind ${LOOPBACK} --port 6379 --dir "$dir" --save '' --daemonize yes`,
  },
  memcached: {
    port: 11_211,
    program: 'memcached',
    start: `"$bin" -d -l ${LOOPBACK} -p 11211`,
  },
  postgresql: {
    port: 5432,
    program: 'initdb',
    start: [
      `"$bin" -D "$dir/data" -U postgres -A trust -E UTF8 --no-sync`,
      `"$(dirname "$bin")/pg_ctl" -D "$dir/data" -l "$dir/log" -o "-h ${LOOPBACK} -p 5432 -k /tmp -c fsync=off" -w -t 30 start`,
      `{ "$(dirname "$bin")/createuser" -h ${LOOPBACK} -U postgres -s "$USER" || :; }`,
    ].join(' && '),
    // Its clients would look for a socket where the job may write nothing.
    afterwards: `export PGHOST="\${PGHOST:-${LOOPBACK}}" PGUSER="\${PGUSER:-postgres}"`,
  },
  mongodb: {
    port: 27_017,
    program: 'mongod',
    start: `"$bin" --fork --bind_ip ${LOOPBACK} --port 27017 --dbpath "$dir" --logpath "$dir/log"`,
  },
  mysql: {
    port: 3306,
    program: 'mysqld',
    start: [
      `{ "$bin" --no-defaults --initialize-insecure --datadir="$dir/data" || mariadb-install-db --no-defaults --auth-root-authentication-method=normal --datadir="$dir/data"; }`,
      `{ "$bin" --no-defaults --datadir="$dir/data" --bind-address=${LOOPBACK} --port=3306 --socket=/tmp/mysql.sock --pid-file="$dir/pid" & }`,
    ].join(' && '),
    afterwards: `export MYSQL_HOST="\${MYSQL_HOST:-${LOOPBACK}}"`,
  },
  xvfb: {
    port: null,
    program: 'Xvfb',
    start: `{ "$bin" :99 -screen 0 1024x768x24 -nolisten tcp & }`,
    afterwards: 'export DISPLAY=:99.0',
  },
};

const ALIASES: Readonly<Record<string, string>> = {
  'redis-server': 'redis',
  postgres: 'postgresql',
  mongo: 'mongodb',
  mongod: 'mongodb',
  mariadb: 'mysql',
};

/**
 * Starts what the job asks for where the machine has the program (spec/travis.md 8), before the clone. What cannot be
 * started is said, and is no error of the job. Those that the executor has `settled` only get their variables.
 */
export function writeServices(
  writer: Writer,
  config: JobSettings,
  settled: readonly string[],
): void {
  const names = texts(config['services']);
  if (names.length === 0) return;
  writer.line('travis_fold start services');
  for (const written of names) {
    const name = written.toLowerCase();
    const known = ALIASES[name] ?? name;
    const service = Object.hasOwn(SERVICES, known) ? SERVICES[known] : undefined;
    if ([name, known].some((one) => settled.includes(one) || settled.includes(`${one}-server`))) {
      if (service?.afterwards) writer.line(service.afterwards);
      continue;
    }
    if (service === undefined) {
      writer.notice(
        `The service ${written} is not started here. What runs on this machine can be used.`,
      );
      continue;
    }
    const { port, program, start, afterwards = ':' } = service;
    const call = ['__sluice_service', quote(written), port ?? "''", program, quote(start)];
    writer.line(`if ${call.join(' ')}; then ${afterwards}; fi`);
  }
  writer.line('travis_fold end services');
}
