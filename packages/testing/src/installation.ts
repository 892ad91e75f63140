import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../../..');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real Sluice: its own data directory, server process, router and applications, on free ports. */
export interface Installation {
  readonly dataDir: string;
  /** Where `HOME` of its commands points; credentials of `sluice login` end up there. */
  readonly home: string;
  url(): string;
  /** Everything the server printed, for a failing test's message. */
  output(): string;
  /** Runs `sluice` with `words`; never throws for an exit code. */
  sluice(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs `sluice` and answers its standard output; throws with all it said unless it exits 0. */
  must(words: readonly string[], options?: CommandOptions): Promise<string>;
  start(): Promise<void>;
  /** From the next start on it is run by these, as after an upgrade. */
  use(commands: InstallationCommands): void;
  signal(name: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** Stops everything and removes the data. */
  destroy(): Promise<void>;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Programs with their first words. */
export interface InstallationCommands {
  readonly server: readonly [string, ...string[]];
  readonly sluice: readonly [string, ...string[]];
}

/** Those of a checkout. */
export const commandsOf = (directory: string): InstallationCommands => ({
  server: [join(directory, 'script/server')],
  sluice: [join(directory, 'script/sluice')],
});

export interface InstallationOptions {
  /** Default: this checkout's. */
  readonly commands?: InstallationCommands;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export async function createInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const base = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  const dataDir = join(base, 'data');
  const home = join(base, 'home');
  const environment = { ...process.env, ...options.environment, HOME: home };
  let server: ChildProcess | null = null;
  let address: string | null = null;
  let printed = '';
  let commands = options.commands ?? commandsOf(root);

  const sluice = (words: readonly string[], command: CommandOptions = {}) =>
    run(commands.sluice[0], [...commands.sluice.slice(1), ...words], {
      ...command,
      environment: { ...environment, ...command.environment },
    });

  const start = async (): Promise<void> => {
    const [program, ...words] = commands.server;
    const flags = ['--data', dataDir, '--port', portOf(address), ...(options.flags ?? [])];
    // The server keeps the real home: that is where the machine's toolchains are.
    const child = spawn(program, [...words, ...flags], {
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    address = await new Promise<string>((found, failed) => {
      child.once('exit', (code) => failed(new Error(`server exited with ${code}:\n${printed}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        printed += `${line}\n`;
        const match = /listening on (http:\S+)/.exec(line);
        if (match?.[1] !== undefined) found(match[1]);
      });
    });
  };

  const signal = async (name: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    const child = server;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return null;
    child.kill(name);
    const [code] = await once(child, 'exit');
    server = null;
    return code;
  };

  const installation: Installation = {
    dataDir,
    home,
    url: () => {
      if (address === null) throw new Error('the server was not started');
      return address;
    },
    output: () => printed,
    sluice,
    must: async (words, command) => {
      const result = await sluice(words, command);
      if (result.code !== 0) {
        throw new Error(
          `sluice ${words.join(' ')} exited ${result.code}\n${result.stdout}${result.stderr}`,
        );
      }
      return result.stdout;
    },
    start,
    use: (next) => {
      commands = next;
    },
    signal,
    destroy: async () => {
      await signal('SIGTERM');
      await sluice(['admin', 'down', '--data', dataDir]);
      await rm(base, { recursive: true, force: true });
    },
  };
  await start();
  return installation;
}

/** A restarted server takes the port that it had, as it would for its users. */
function portOf(address: string | null): string {
  return address === null ? '0' : new URL(address).port;
}

/** Runs a program to its end; never throws for an exit code. */
export function run(
  program: string,
  words: readonly string[],
  { cwd, environment = {}, input }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((done) => {
    const child = execFile(
      program,
      [...words],
      { cwd, env: { ...process.env, ...environment }, maxBuffer: 100_000_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 128;
        done({ code, stdout, stderr });
      },
    );
    if (input !== undefined) child.stdin?.end(input);
    else child.stdin?.end();
  });
}
