/** Add-ons of Heroku that people have, by the beginning of their names: the variable they set, and what to do here. */
interface Addon {
  readonly variable: string | null;
  readonly level: 'works' | 'differs' | 'missing';
  readonly advice: string;
}

const database = (title: string, variable: string): Addon => ({
  variable,
  level: 'missing',
  advice: `Sluice attaches no services yet. Run ${title} yourself and set ${variable} as a variable of the environment.`,
});

/** It runs elsewhere and only its address is needed. */
const outside = (variable: string): Addon => ({
  variable,
  level: 'differs',
  advice: `It is a service of its own: take an account there and set ${variable} as a variable of the environment.`,
});

const logs: Addon = {
  variable: null,
  level: 'works',
  advice: 'Sluice keeps the log of each instance and shows it live.',
};

const ADDONS: readonly (readonly [string, Addon])[] = [
  ['heroku-postgresql', database('PostgreSQL', 'DATABASE_URL')],
  ['heroku-redis', database('Redis', 'REDIS_URL')],
  ['rediscloud', database('Redis', 'REDISCLOUD_URL')],
  ['redistogo', database('Redis', 'REDISTOGO_URL')],
  ['jawsdb', database('MySQL', 'JAWSDB_URL')],
  ['cleardb', database('MySQL', 'CLEARDB_DATABASE_URL')],
  ['mongolab', database('MongoDB', 'MONGODB_URI')],
  ['mongodb', database('MongoDB', 'MONGODB_URI')],
  ['ormongo', database('MongoDB', 'ORMONGO_URL')],
  ['memcachier', database('Memcached', 'MEMCACHIER_SERVERS')],
  ['memcachedcloud', database('Memcached', 'MEMCACHEDCLOUD_SERVERS')],
  ['cloudamqp', database('RabbitMQ', 'CLOUDAMQP_URL')],
  ['heroku-kafka', database('Kafka', 'KAFKA_URL')],
  ['bonsai', database('Elasticsearch', 'BONSAI_URL')],
  ['searchbox', database('Elasticsearch', 'SEARCHBOX_URL')],
  ['papertrail', logs],
  ['logentries', logs],
  ['logdna', logs],
  ['coralogix', logs],
  ['timber', logs],
  ['sendgrid', outside('SENDGRID_API_KEY')],
  ['mailgun', outside('MAILGUN_API_KEY')],
  ['postmark', outside('POSTMARK_API_TOKEN')],
  ['newrelic', outside('NEW_RELIC_LICENSE_KEY')],
  ['sentry', outside('SENTRY_DSN')],
  ['rollbar', outside('ROLLBAR_ACCESS_TOKEN')],
  ['bugsnag', outside('BUGSNAG_API_KEY')],
  ['honeybadger', outside('HONEYBADGER_API_KEY')],
  ['cloudinary', outside('CLOUDINARY_URL')],
  ['bucketeer', outside('BUCKETEER_BUCKET_NAME')],
  [
    'scheduler',
    {
      variable: null,
      level: 'missing',
      advice:
        'Sluice runs no scheduled commands yet. Let a cron on another machine, or a worker process, do it.',
    },
  ],
];

export function knownAddon(plan: string): Addon | null {
  const name = plan.split(':', 1)[0] ?? '';
  return ADDONS.find(([prefix]) => name.startsWith(prefix))?.[1] ?? null;
}
