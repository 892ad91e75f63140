import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { findProgram, lacks } from './requirement.ts';

/** Debian's Caddy as an ordinary process with a directory of its own; it knows nothing but where its admin API is. */
export interface Caddy {
  /** As the setting `edgeAdmin` has it. */
  readonly admin: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Everything of the server's settings that leads to it, as command-line flags. */
  readonly flags: readonly string[];
  start(): Promise<void>;
  kill(): Promise<void>;
  /** What it answers on its admin API. */
  ask(method: string, path: string, body?: string): Promise<string>;
  /** PEM of its internal authority. */
  authority(): Promise<string>;
  log(): Promise<string>;
  destroy(): Promise<void>;
}

export const lacksCaddy = (): boolean => lacks('Caddy (apt caddy)', findProgram('caddy') !== null);

export interface CaddyOptions {
  /** For HTTP and HTTPS; default: two that are free. */
  readonly ports?: readonly [number, number];
  /** Besides PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function createCaddy({ ports, environment }: CaddyOptions = {}): Promise<Caddy> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-caddy-'));
  const socket = join(directory, 'admin.sock');
  const admin = `unix/${socket}`;
  const config = join(directory, 'caddy.json');
  const logFile = join(directory, 'log');
  await mkdir(join(directory, 'home'));
  await writeFile(config, JSON.stringify({ admin: { listen: admin } }));
  const [httpPort = 0, httpsPort = 0] = ports ?? (await freePorts(2));
  let child: ChildProcess | null = null;

  const ask = (method: string, path: string, body?: string) =>
    new Promise<string>((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: socket,
          ...{ method, path, agent: false, setHost: false },
          headers: {
            Host: '',
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          response.on('error', reject);
          response.on('end', () => resolve(text));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  const start = async (): Promise<void> => {
    const log = openSync(logFile, 'a');
    child = spawn('caddy', ['run', '--config', config], {
      env: { PATH: process.env['PATH'], HOME: join(directory, 'home'), ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    for (;;) {
      if (child.exitCode !== null)
        throw new Error(`Caddy ended: ${await readFile(logFile, 'utf8')}`);
      const answer = await ask('GET', '/config/').catch(() => null);
      if (answer !== null) return;
      await new Promise((done) => setTimeout(done, 25));
    }
  };
  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  // A test that fails before it can clean up leaves nothing running all the same.
  process.once('exit', () => child?.kill('SIGKILL'));
  const caddy: Caddy = {
    ...{ admin, httpPort, httpsPort, start, kill, ask },
    flags: [
      ...['--edge', 'caddy', '--edge-admin', admin, '--edge-issuer', 'internal'],
      ...['--edge-host', '127.0.0.1', '--edge-http-port', String(httpPort)],
      ...['--edge-https-port', String(httpsPort)],
    ],
    authority: async () =>
      (JSON.parse(await ask('GET', '/pki/ca/local')) as { root_certificate: string })
        .root_certificate,
    log: () => readFile(logFile, 'utf8'),
    destroy: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await start();
  return caddy;
}

/** Two that are free for TCP, and the second most likely for UDP as well. */
