import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const root = resolve(import.meta.dirname, '../../..');

/** Runs a program, shows its output as it comes when `show` is set, and answers standard output. Throws unless it exits 0. */
export async function run(
  program: string,
  words: readonly string[],
  options: { cwd?: string; environment: NodeJS.ProcessEnv; show?: boolean; input?: string },
): Promise<string> {
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: options.environment,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.input);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (options.show) process.stdout.write(text);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (options.show) process.stderr.write(text);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) {
    const said = options.show ? '' : `\n${stdout}${stderr}`;
    throw new Error(`${program.split('/').at(-1)} ${words.join(' ')} exited with ${code}${said}`);
  }
  return stdout;
}

/** Starts the server and waits for its line "listening on <url>". */
export async function startServer(
  flags: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ url: string; process: ChildProcess }> {
  // A group of its own: Ctrl-C reaches the demo alone, which then stops everything in order.
  const child = spawn(resolve(root, 'script/server'), flags, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000);
  });
  const url = await new Promise<string>((found, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`The server exited with ${code}.\n${said}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      said = `${said}${line}\n`.slice(-10_000);
      const address = /listening on (http:\S+)/.exec(line)?.[1];
      if (address !== undefined) found(address);
    });
  });
  return { url, process: child };
}

export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** Whether the program is there and ends with exit code 0. */
export function succeeds(program: string, words: readonly string[]): Promise<boolean> {
  return new Promise((answer) => {
    execFile(program, [...words], (error) => answer(error === null));
  });
}
