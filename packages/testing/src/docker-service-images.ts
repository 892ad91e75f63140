import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerBaseImage } from './docker.ts';
import { dockerJobImage } from './docker-job-image.ts';

const run = promisify(execFile);

/** Debian's PostgreSQL behind the documented interface of the official image. Made once on each machine. */
export const DOCKER_POSTGRESQL_SERVICE_IMAGE = 'sluice-test-service-postgresql:1';
/** The same for Redis. */
export const DOCKER_REDIS_SERVICE_IMAGE = 'sluice-test-service-redis:1';

/** Makes both where they are not there. Tests that run side by side wait for the first. */
export async function dockerServiceImages(): Promise<{ postgresql: string; redis: string }> {
  const base = await dockerBaseImage();
  await make(DOCKER_POSTGRESQL_SERVICE_IMAGE, POSTGRESQL_ENTRYPOINT, [
    `FROM ${base}`,
    // Without a cluster of its own: the entry point makes one in the volume.
    'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null' +
      " && sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf" +
      ' && apt-get install -y -qq --no-install-recommends postgresql >/dev/null' +
      ' && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ && rm -rf /var/lib/apt/lists /var/cache/apt',
    'COPY entrypoint /usr/local/bin/docker-entrypoint.sh',
    'ENV PGDATA=/var/lib/postgresql/data LANG=C.UTF-8',
    'STOPSIGNAL SIGINT',
    'EXPOSE 5432',
    'ENTRYPOINT ["docker-entrypoint.sh"]',
    'CMD ["postgres"]',
  ]);
  await make(DOCKER_REDIS_SERVICE_IMAGE, REDIS_ENTRYPOINT, [
    `FROM ${await dockerJobImage()}`,
    'COPY entrypoint /usr/local/bin/docker-entrypoint.sh',
    'WORKDIR /data',
    'EXPOSE 6379',
    'ENTRYPOINT ["docker-entrypoint.sh"]',
    'CMD ["redis-server"]',
  ]);
  return { postgresql: DOCKER_POSTGRESQL_SERVICE_IMAGE, redis: DOCKER_REDIS_SERVICE_IMAGE };
}

const POSTGRESQL_ENTRYPOINT = `#!/bin/bash
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\\n' "$POSTGRES_PASSWORD") --auth=trust
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  if [ "$POSTGRES_DB" != postgres ]; then createdb -U "$POSTGRES_USER" "$POSTGRES_DB"; fi
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@" -c listen_addresses='*'
`;

const REDIS_ENTRYPOINT = `#!/bin/sh
set -eu
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
fi
exec "$@"
`;

async function make(image: string, entrypoint: string, dockerfile: string[]): Promise<void> {
  if (await isThere(image)) return;
  const context = await mkdtemp(join(tmpdir(), 'sluice-service-image-'));
  try {
    await writeFile(join(context, 'entrypoint'), entrypoint);
    await chmod(join(context, 'entrypoint'), 0o755);
    await writeFile(join(context, 'Dockerfile'), `${dockerfile.join('\n')}\n`);
    // The layers of whoever was first are used again by those who waited.
    const lock = join(tmpdir(), 'sluice-test-service-images.lock');
    const build = ['docker', 'build', '--network', 'host', '-t', image, context];
    await run('flock', [lock, ...build], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
      maxBuffer: 64 * 1024 * 1024,
    });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

function isThere(image: string): Promise<boolean> {
  return run('docker', ['image', 'inspect', image]).then(
    () => true,
    () => false,
  );
}
