import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from './free-ports.ts';

const exec = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

/** A real PostgreSQL with a directory of its own, on a free port of the loopback. */
export interface PostgresCluster {
  /** `postgres://...` of a database in it. */
  url(database: string): string;
  /** Answers the rows that `psql` prints, one a line. */
  psql(database: string, command: string): Promise<string>;
  /** The server process goes away at once, as in a crash; what it had committed is there afterwards. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its directory. */
  destroy(): Promise<void>;
}

/** Where its programs are; null where PostgreSQL is not installed. */
export async function findPostgres(): Promise<string | null> {
  const versions = (await readdir(DEBIAN).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  const [newest] = versions;
  return newest === undefined ? null : join(DEBIAN, newest, 'bin');
}

export interface PostgresOptions {
  /** False: commits are not fsynced, which only tests that lose no power may want. */
  readonly durable?: boolean;
}

export async function startPostgres({
  durable = false,
}: PostgresOptions = {}): Promise<PostgresCluster> {
  const bin = await findPostgres();
  if (bin === null) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const base = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
  const data = join(base, 'data');
  // PostgreSQL refuses to run as root.
  const asUser = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : [];
  const command = (program: string, words: readonly string[]): [string, string[]] => {
    const [first = '', ...rest] = [...asUser, join(bin, program), ...words];
    return [first, rest];
  };
  if (asUser.length > 0) {
    await exec('chown', ['postgres', base]);
    await chmod(base, 0o755);
  }
  await exec(
    ...command('initdb', ['-D', data, '-U', 'sluice', '-A', 'trust', '-E', 'UTF8', '--no-sync']),
    { cwd: base },
  );
  const [port] = await freePorts(1);
  let server: ChildProcess | null = null;

  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: base,
    max_connections: 300,
    shared_buffers: '64MB',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
  };

  const url = (database: string) => `postgres://sluice@127.0.0.1:${port}/${database}`;
  const psql = async (database: string, text: string): Promise<string> => {
    const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', text, url(database)];
    const { stdout } = await exec(join(bin, 'psql'), words);
    return stdout.trim();
  };

  const start = async (): Promise<void> => {
    const words = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(...command('postgres', ['-D', data, ...words]), {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: base,
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-20_000);
    });
    server = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL does not start:\n${said}`);
      const ready = await psql('postgres', 'select 1').then(
        () => true,
        () => false,
      );
      if (ready) return;
      await pause(50);
    }
  };

  /** `immediate`: no checkpoint is made and every connection is cut, so that its next start is one after a crash. */
  const kill = async (): Promise<void> => {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    await exec(...command('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop']), { cwd: base });
    await ended;
  };

  await start();
  return {
    url,
    psql,
    start,
    kill,
    destroy: async () => {
      await kill();
      await rm(base, { recursive: true, force: true });
    },
  };
}
