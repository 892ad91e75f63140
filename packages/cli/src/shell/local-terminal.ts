import type { ShellSize } from '@sluice/contract';

/** The person's end of a shell. */
export interface LocalTerminal {
  /** Null where it is no terminal, or none is wanted. */
  size(): ShellSize | null;
  onResize(listener: (size: ShellSize) => void): void;
  /** From now on every key goes to the shell, Ctrl-C too. */
  input(): AsyncIterable<Buffer>;
  show(where: 'stdout' | 'stderr', bytes: Buffer): void;
  /** Keys mean again what they meant. */
  release(): void;
}

const DEFAULT: ShellSize = { columns: 80, rows: 24 };

export function openLocalTerminal(
  { stdin, stdout, stderr }: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>,
  wanted: boolean | undefined,
): LocalTerminal {
  const isTerminal = wanted ?? (stdin.isTTY === true && stdout.isTTY === true);
  const sizeNow = (): ShellSize =>
    stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : DEFAULT;
  let onResize: (() => void) | null = null;
  return {
    size: () => (isTerminal ? sizeNow() : null),
    onResize: (listener) => {
      if (!isTerminal || !stdout.isTTY) return;
      onResize = () => listener(sizeNow());
      stdout.on('resize', onResize);
    },
    input: () => {
      if (isTerminal && stdin.isTTY) stdin.setRawMode(true);
      return stdin;
    },
    show: (where, bytes) => {
      (where === 'stdout' ? stdout : stderr).write(bytes);
    },
    release: () => {
      if (onResize !== null) stdout.off('resize', onResize);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.destroy();
    },
  };
}
