import { isMap, type JobSettings, text, texts } from '../../script/config.ts';

/** A service as a container. */
export interface ServiceImage {
  image: string;
  /** Where it answers when it is ready. */
  port: number;
  environment: Readonly<Record<string, string>>;
}

const BUILT_IN: Readonly<Record<string, ServiceImage>> = {
  postgresql: {
    image: 'postgres:latest',
    port: 5432,
    environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' },
  },
  mysql: { image: 'mysql:8', port: 3306, environment: { MYSQL_ALLOW_EMPTY_PASSWORD: 'yes' } },
  mariadb: {
    image: 'mariadb:latest',
    port: 3306,
    environment: { MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: 'yes' },
  },
  'redis-server': { image: 'redis:latest', port: 6379, environment: {} },
  memcached: { image: 'memcached:latest', port: 11_211, environment: {} },
  mongodb: { image: 'mongo:latest', port: 27_017, environment: {} },
  rabbitmq: { image: 'rabbitmq:latest', port: 5672, environment: {} },
  elasticsearch: {
    image: 'elasticsearch:7.17.28',
    port: 9200,
    environment: { 'discovery.type': 'single-node', ES_JAVA_OPTS: '-Xms512m -Xmx512m' },
  },
  cassandra: { image: 'cassandra:latest', port: 9042, environment: {} },
  couchdb: {
    image: 'couchdb:latest',
    port: 5984,
    environment: { COUCHDB_USER: 'admin', COUCHDB_PASSWORD: 'admin' },
  },
  neo4j: { image: 'neo4j:latest', port: 7474, environment: { NEO4J_AUTH: 'none' } },
  rethinkdb: { image: 'rethinkdb:latest', port: 28_015, environment: {} },
};

const ALIASES: Readonly<Record<string, string>> = {
  redis: 'redis-server',
  postgres: 'postgresql',
  mongo: 'mongodb',
  mongod: 'mongodb',
  'rabbitmq-server': 'rabbitmq',
};

/** Addons that name a service's version (spec/travis.md 8). */
const VERSION_ADDONS = ['postgresql', 'mariadb', 'mysql', 'rethinkdb'];

export interface ServiceRow extends ServiceImage {
  name: string;
}

/** Reads `NAME[:PORT]=IMAGE`; a known name keeps its port and environment. Throws a sentence that says what is wrong. */
export function parseServiceRow(row: string): ServiceRow {
  const [, written, port, image] =
    /^\s*([\w.-]+)(?::(\d{1,5}))?\s*=\s*([^\s=]+)\s*$/.exec(row) ?? [];
  const name = nameOf(written ?? '');
  const known = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  const at = port === undefined ? known?.port : Number(port);
  if (!written || !image || at === undefined || at < 1 || at > 65_535) {
    throw new Error(
      `"${row}" is no row of the table of services: write NAME=IMAGE for a known service and NAME:PORT=IMAGE for another.`,
    );
  }
  return { name, image, port: at, environment: known?.environment ?? {} };
}

export interface WantedServices {
  containers: ServiceRow[];
  /** Started by the script in the job's own container where the image has the program. */
  local: string[];
  engine: boolean;
  unknown: string[];
}

/** What a job's `services:` and version addons ask for. */
export function wantedServices(config: JobSettings, rows: readonly ServiceRow[]): WantedServices {
  const wanted: WantedServices = { containers: [], local: [], engine: false, unknown: [] };
  const addons = isMap(config['addons']) ? config['addons'] : {};
  const versions = new Map(VERSION_ADDONS.map((name) => [name, text(addons[name])]));
  const names = [
    ...texts(config['services']).map((name) => nameOf(name.toLowerCase())),
    ...VERSION_ADDONS.filter((name) => versions.get(name)),
  ];
  for (const name of new Set(names)) {
    const row = rows.find((one) => one.name === name);
    const known = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
    const version = versions.get(name);
    if (row) wanted.containers.push(row);
    else if (known) {
      const image =
        version && /^[\w.-]+$/.test(version)
          ? known.image.replace(/:.*$/, `:${version}`)
          : known.image;
      wanted.containers.push({ ...known, name, image });
    } else if (name === 'xvfb') wanted.local.push(name);
    else if (name === 'docker') wanted.engine = true;
    else wanted.unknown.push(name);
  }
  return wanted;
}

function nameOf(written: string): string {
  return ALIASES[written] ?? written;
}
