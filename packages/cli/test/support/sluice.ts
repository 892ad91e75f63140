import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';

const main = resolve(import.meta.dirname, '../../src/main.ts');

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Workshop {
  /** The folder that commands run in. */
  directory: string;
  write(name: string, content: string): void;
  /** Starts the real command; `environment` comes on top of the machine's. */
  start(args: readonly string[], environment?: Record<string, string>): ReturnType<typeof spawn>;
  sluice(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs a batch form: objects in, objects out. */
  batch(args: readonly string[], lines: readonly unknown[]): Promise<unknown[]>;
}

export interface RunOptions {
  input?: string;
  environment?: Record<string, string>;
}

/** A folder for the tests of one file, and the `sluice` command in it, with a cache of its own. */
export function useWorkshop(): Workshop {
  const workshop = {} as Workshop;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
    workshop.directory = join(folder, 'project');
    mkdirSync(workshop.directory);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  workshop.write = (name, content) => {
    const path = join(workshop.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  workshop.start = (args, environment = {}) => {
    const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache') };
    return spawn(process.execPath, [main, ...args], {
      cwd: workshop.directory,
      env: { ...env, ...environment },
      stdio: 'pipe',
    });
  };
  workshop.sluice = async (args, { input = '', environment } = {}) => {
    const child = workshop.start(args, environment);
    const { stdin, stdout, stderr } = child;
    if (!stdin || !stdout || !stderr) throw new Error('no pipes');
    stdin.on('error', () => undefined);
    stdin.end(input);
    const closed = once(child, 'close');
    const [out, err] = await Promise.all([text(stdout), text(stderr)]);
    const [code] = (await closed) as [number | null];
    return { code, stdout: out, stderr: err };
  };
  workshop.batch = async (args, lines) => {
    const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const { code, stdout, stderr } = await workshop.sluice(args, { input });
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  };
  return workshop;
}
