import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Client, createClient } from '@sluice/contract';
import { type PostgresCluster, run, startPostgres } from '@sluice/testing';
import { createReplica } from '../../e2e/support/replica.ts';
import { freePorts } from '../../packages/testing/src/free-ports.ts';
import { createFront } from './front.ts';
import { createRunnerMember } from './runner-member.ts';

const root = resolve(import.meta.dirname, '../..');
const DATABASE = 'sluice';
export const KEEP_RELEASES = 3;

/** A process of the installation that may be killed and comes back. */
export interface Member {
  readonly name: string;
  /** Null while it does not run. */
  pid(): number | null;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** What it printed last, for a report. */
  output(): string;
}

/** Two servers over one PostgreSQL behind one address, and three runners; nothing of it lies outside `directory`. */
export interface SoakPlace {
  readonly directory: string;
  readonly dataDir: string;
  /** TMPDIR of all of it. */
  readonly tempDir: string;
  readonly cluster: PostgresCluster;
  readonly url: string;
  readonly token: string;
  readonly client: Client;
  readonly organisation: string;
  readonly servers: readonly [Member, Member];
  readonly runners: readonly [Member, Member, Member];
  query(text: string): Promise<string>;
  /** Process ids by name: servers, runners, router, supervisor. */
  processes(): Promise<Map<string, number>>;
  destroy(): Promise<void>;
}

export async function createSoakPlace(): Promise<SoakPlace> {
  const undo: (() => Promise<unknown>)[] = [];
  const destroy = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await create(undo, destroy);
  } catch (error) {
    await destroy();
    throw error;
  }
}

async function create(
  undo: (() => Promise<unknown>)[],
  destroy: () => Promise<void>,
): Promise<SoakPlace> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-soak-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const [dataDir, tempDir] = [join(directory, 'data'), join(directory, 'tmp')];
  await mkdir(tempDir);
  const cluster = await startPostgres();
  undo.push(() => cluster.destroy());
  await cluster.psql('postgres', `create database ${DATABASE}`);
  const databaseUrl = cluster.url(DATABASE);
  // A small heap: a collector that has gigabytes to fill lets them fill, and then nobody can tell a leak from leisure.
  const environment = { TMPDIR: tempDir, NODE_OPTIONS: '--max-old-space-size=256' };

  const admin = async (...words: string[]) => {
    const [action = '', ...rest] = words;
    const told = await run(
      join(root, 'script/sluice'),
      ['admin', action, '--data', dataDir, ...rest],
      {
        environment: { ...environment, HOME: directory, SLUICE_DATABASE_URL: databaseUrl },
        input: 'correct horse battery staple\n',
      },
    );
    if (told.code !== 0) throw new Error(`sluice admin ${action}: ${told.stdout}${told.stderr}`);
    return told.stdout.trim();
  };

  // What a server calls its address is that of the front.
  const ports = await freePorts(2);
  const front = await createFront(ports);
  undo.push(() => front.close());
  const flags = [
    ...['--database-url', databaseUrl, '--public-url', front.url, '--log-level', 'warn'],
    ...['--runner-concurrency', '0', '--lease-seconds', '8'],
    ...['--keep-releases', String(KEEP_RELEASES), '--drain-application-seconds', '2'],
    // However busy the machine is, a push or a build that is late is not lost.
    ...['--commit-wait-seconds', '900', '--build-absent-seconds', '900', '--health-seconds', '300'],
  ];
  const replicas = ['server a', 'server b'].map((name, index) => ({
    name,
    replica: createReplica(dataDir, [...flags, '--port', String(ports[index])], environment),
  }));
  undo.push(async () => {
    await Promise.all(replicas.map(({ replica }) => replica.stop()));
    await admin('down');
  });
  for (const { replica } of replicas) await replica.start();
  const [a, b] = replicas.map(
    ({ name, replica }): Member => ({ name, ...replica, kill: () => replica.kill() }),
  );
  if (a === undefined || b === undefined) throw new Error('two servers');

  const email = 'admin@example.com';
  await admin('create-user', '--email', email, '--password-stdin');
  const token = await admin('create-token', '--email', email);
  const client = createClient({ baseUrl: front.url, token, userAgent: 'sluice-soak' });
  const [organisation] = (await client.organisations.list()).results;
  const { token: runnerToken } = await client.runnerTokens.create({ reusable: true });
  const runner = async (name: string) => {
    const workDir = join(directory, name.replace(' ', '-'));
    const at = { url: front.url, token: runnerToken, workDir, environment };
    const member = createRunnerMember(name, at);
    undo.push(() => member.kill());
    await member.start();
    return member;
  };
  const runners = [
    await runner('runner 1'),
    await runner('runner 2'),
    await runner('runner 3'),
  ] as const;

  const identity = async (name: string): Promise<number> =>
    JSON.parse(await readFile(join(dataDir, 'run', `${name}.json`), 'utf8')).pid;
  return {
    ...{ directory, dataDir, tempDir, cluster, url: front.url, token, client },
    ...{ organisation: organisation?.uuid ?? '', servers: [a, b], runners, destroy },
    query: (text) => cluster.psql(DATABASE, text),
    processes: async () => {
      const found = new Map<string, number>();
      for (const member of [a, b, ...runners]) {
        const pid = member.pid();
        if (pid !== null) found.set(member.name, pid);
      }
      for (const name of ['router', 'supervisor']) found.set(name, await identity(name));
      return found;
    },
  };
}
