import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Client, createClient } from '@sluice/contract';

const root = resolve(import.meta.dirname, '../..');

/** One of several servers on one data directory and one PostgreSQL. */
export interface Replica {
  url(): string;
  client(token: string): Client;
  /** Null while it does not run. */
  pid(): number | null;
  output(): string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** SIGTERM, and answers the exit code. */
  stop(): Promise<number | null>;
}

export function createReplica(
  dataDir: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Replica {
  let child: ChildProcess | null = null;
  let address: string | null = null;
  let printed = '';

  const url = () => {
    if (address === null) throw new Error('the server was not started');
    return address;
  };
  const signal = async (name: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return null;
    const ended = once(running, 'exit');
    running.kill(name);
    return (await ended)[0];
  };

  return {
    url,
    client: (token) => createClient({ baseUrl: url(), token, userAgent: 'sluice-tests' }),
    pid: () => child?.pid ?? null,
    output: () => printed,
    start: async () => {
      const port = address === null ? '0' : new URL(address).port;
      const words = ['--data', dataDir, '--port', port, ...flags];
      const started = spawn(join(root, 'script/server'), words, {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      started.stderr?.on('data', (chunk: Buffer) => {
        printed = `${printed}${chunk}`.slice(-50_000);
      });
      address = await new Promise<string>((found, failed) => {
        started.once('exit', (code) => failed(new Error(`it exited with ${code}:\n${printed}`)));
        createInterface({ input: started.stdout }).on('line', (line) => {
          const match = /listening on (http:\S+)/.exec(line);
          if (match?.[1] !== undefined) found(match[1]);
        });
      });
    },
    kill: async () => {
      await signal('SIGKILL');
    },
    stop: () => signal('SIGTERM'),
  };
}
