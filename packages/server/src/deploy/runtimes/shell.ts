import type { Writable } from 'node:stream';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ShellOutput {
  /** With a terminal all of it is `stdout`. */
  readonly source: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

/** It ends with its program, or by `end`; until then whoever opened it must read `output`. */
export interface Shell {
  readonly input: Writable;
  readonly output: AsyncIterable<ShellOutput>;
  /** Its exit status, 128 + the signal's number for one that a signal ended. */
  readonly exit: Promise<number>;
  /** Nothing happens where there is no terminal, or it has ended. */
  resize(size: TerminalSize): Promise<void>;
  /** Ends all of its processes where they run, and removes what was its own. */
  end(): Promise<void>;
}

/** For `/bin/sh -c`: a program with its arguments as they are, or a shell. */
export const SHELL_COMMAND =
  'if [ $# -gt 0 ]; then exec "$@"; elif command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi';
