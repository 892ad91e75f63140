import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** `sluice runner` as a process of its own. */
export interface RunnerProcess {
  readonly pid: number;
  output(): string;
  /** Resolves once it has printed the text; throws when it ends before. */
  says(text: string | RegExp): Promise<void>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Its exit code, once it has ended. */
  ended(): Promise<number | null>;
  /** Ends it and removes what it kept, unless somebody else chose where. */
  destroy(): Promise<void>;
}

export interface RunnerSurroundings {
  /** Where one that was killed left what it knows; default: a fresh directory. */
  readonly workDir?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startRunner(
  server: string,
  token: string,
  words: readonly string[],
  surroundings: RunnerSurroundings = {},
): Promise<RunnerProcess> {
  const workDir = surroundings.workDir ?? (await mkdtemp(join(tmpdir(), 'sluice-runner-')));
  const child: ChildProcess = spawn(
    join(root, 'packages/cli/bin/sluice'),
    ['runner', '--server', server, '--token', token, '--work-dir', workDir, ...words],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...surroundings.environment } },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed = `${printed}${chunk}`.slice(-200_000);
    });
  }
  const exit = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    output: () => printed,
    says: async (text) => {
      while (!(typeof text === 'string' ? printed.includes(text) : text.test(printed))) {
        if (hasEnded()) throw new Error(`the runner ended with ${child.exitCode}:\n${printed}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    signal: (name) => {
      child.kill(name);
    },
    ended: async () => {
      await exit;
      return child.exitCode;
    },
    destroy: async () => {
      child.kill('SIGKILL');
      await exit;
      if (surroundings.workDir === undefined) await rm(workDir, { recursive: true, force: true });
    },
  };
}
