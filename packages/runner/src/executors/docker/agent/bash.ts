import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Made for the job's user when the container is. */
const DIRECTORY = '/run/sluice';

export interface BashEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Runs the script in a login bash; resolves when it and everything that it has started is gone, and all output passed on. */
export async function startBash(
  script: string,
  way: { control: Duplex; output: Duplex; killAll: () => boolean },
): Promise<BashEnd> {
  const path = `${DIRECTORY}/job.sh`;
  writeFileSync(path, script, { mode: 0o600 });
  const pipe = await openPipe();
  const child = spawn('bash', ['-l', path], {
    cwd: process.env['HOME'] ?? '/',
    stdio: ['ignore', pipe.descriptor, pipe.descriptor, 'pipe'],
  });
  closeSync(pipe.descriptor);
  const line = child.stdio[3] as unknown as Duplex;
  line.on('error', () => undefined);
  line.pipe(way.control);
  way.control.pipe(line);
  pipe.readable.pipe(way.output);
  const end = await new Promise<BashEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
  // Repeated, since a process may have forked meanwhile.
  for (let round = 0; round < 50 && !alone(); round++) {
    way.killAll();
    await new Promise((resolve) => setTimeout(resolve, 5 * (round + 1)));
  }
  await finished(way.output, { readable: false }).catch(() => undefined);
  return end;
}

/** Whether nothing is left but the container's first process, a shell that only waits for this one, and this one. */
function alone(): boolean {
  const own = new Set(['1', String(process.pid)]);
  return readdirSync('/proc').every((name) => !/^\d+$/.test(name) || own.has(name));
}

/** A real pipe: on the socket pairs that Node makes, `echo text >/dev/stderr` fails. */
async function openPipe(): Promise<{ readable: Readable; descriptor: number }> {
  const path = `${DIRECTORY}/output`;
  await run('mkfifo', ['-m', '0600', path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openSync(path, constants.O_WRONLY);
  rmSync(path);
  return { readable: new Socket({ fd: reading, readable: true, writable: false }), descriptor };
}
