import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLineSplitter } from './lines.ts';

/** A program that floods its output is slowed down rather than allowed a whole processor of the supervisor's. */
const WINDOW_MS = 100;
const BYTES_PER_WINDOW = 1_000_000;

/**
 * Carries an instance's output. It is a named pipe that the program holds open for reading and writing: while
 * there is no supervisor, writing does not fail, output waits in the pipe (64 KB, then the writer waits too).
 */
export interface OutputPipe {
  /** Opens the program's end. Close it after the program has started. */
  openForProgram(): number;
  /** Begins, or goes on, to hand lines to `onLines`. */
  read(): void;
  /** Reads what is still in the pipe, stops, and removes it. */
  close(): Promise<void>;
}

export async function createOutputPipe(
  directory: string,
  onLines: (lines: string[]) => void,
): Promise<OutputPipe> {
  const path = join(directory, 'output');
  await promisify(execFile)('mkfifo', ['-m', '600', path]).catch((error: unknown) => {
    // An earlier supervisor made it; the program still writes to it.
    if (!/File exists/.test(String(error))) throw error;
  });
  let socket: Socket | null = null;

  const read = () => {
    if (socket !== null) return;
    const splitter = createLineSplitter();
    const deliver = (lines: string[]) => {
      if (lines.length > 0) onLines(lines);
    };
    const opened = new Socket({
      fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
      readable: true,
      writable: false,
    });
    let windowEndsAt = 0;
    let inWindow = 0;
    opened.on('data', (chunk) => {
      deliver(splitter.push(chunk));
      const now = Date.now();
      if (now >= windowEndsAt) {
        windowEndsAt = now + WINDOW_MS;
        inWindow = 0;
      }
      inWindow += chunk.length;
      if (inWindow < BYTES_PER_WINDOW) return;
      opened.pause();
      setTimeout(() => opened.resume(), windowEndsAt - now);
    });
    opened.on('error', () => undefined);
    // All writers are gone: the next start reads anew.
    opened.on('close', () => {
      deliver(splitter.flush());
      if (socket === opened) socket = null;
    });
    socket = opened;
  };

  return {
    read,
    openForProgram: () => openSync(path, constants.O_RDWR),
    close: async () => {
      const open = socket;
      if (open !== null && !open.destroyed) {
        // The writers have ended, so the end of the stream comes after the last byte; the limit is for strays.
        const timer = setTimeout(() => open.destroy(), 1_000);
        await new Promise<void>((resolve) => open.once('close', () => resolve()));
        clearTimeout(timer);
      }
      await rm(path, { force: true });
    },
  };
}

export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}
