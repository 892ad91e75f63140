import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerBaseImage } from '@sluice/testing/docker';
import type { RealDivio } from './real-divio.ts';
import type { CreatedApplication } from './site.ts';

const run = promisify(execFile);

/** A developer's work copy of an application in the divio client's home: its `docker-compose.yml` with a database and storage. */
export interface LocalProject {
  readonly directory: string;
  /** Runs psql in the local database; a line for each row. */
  sql(...statements: string[]): Promise<string>;
  destroy(): Promise<void>;
}

/** As the client's documentation wants it: `database_default` sees the project at /app, `web` has a mount at /data. */
const compose = (postgresql: string, base: string) => `version: "2.4"
services:
  web:
    image: ${base}
    network_mode: none
    volumes: ["./data:/data:rw"]
  database_default:
    image: ${postgresql}
    network_mode: none
    environment:
      POSTGRES_USER: postgres
      POSTGRES_PASSWORD: local
      POSTGRES_DB: db
      PGDATA: /tmp/pgdata
      SERVICE_MANAGER: fsm-postgres
    volumes: [".:/app:rw"]
`;

export async function createLocalProject(
  divio: RealDivio,
  application: CreatedApplication,
  postgresqlImage: string,
): Promise<LocalProject> {
  const directory = divio.home;
  const compositions = (...words: string[]) =>
    run('docker-compose', ['-f', join(directory, 'docker-compose.yml'), ...words], {
      cwd: directory,
    });
  await mkdir(join(directory, '.divio'), { recursive: true });
  await mkdir(join(directory, '.config/divio'), { recursive: true });
  await mkdir(join(directory, 'data'), { recursive: true });
  const files = {
    'docker-compose.yml': compose(postgresqlImage, await dockerBaseImage()),
    // Beside those of tests that run at the same time.
    '.env': `COMPOSE_PROJECT_NAME=sluice-${application.uuid.slice(0, 8)}-${divio.name}\n`,
    '.divio/config.json': JSON.stringify({
      ...{ id: application.id, application_uuid: application.uuid },
      ...{ slug: application.slug, db_extensions: [] },
    }),
    // Debian has the program, not the plugin that 4.x calls unless it is told.
    '.config/divio/config.json': JSON.stringify({ 'docker-compose': ['docker-compose'] }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return {
    directory,
    sql: async (...statements) => {
      const commands = statements.flatMap((statement) => ['-c', statement]);
      const words = ['psql', '-U', 'postgres', '-d', 'db', '-qAt', ...commands];
      return (await compositions('exec', '-T', 'database_default', ...words)).stdout.trim();
    },
    destroy: async () => {
      await compositions('down', '-v', '-t', '1');
    },
  };
}
