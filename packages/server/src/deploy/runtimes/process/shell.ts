import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { quote } from '@sluice/runner';
import { endTask, launchShell, type ProgramSpec, taskProcesses } from '../../supervisor/index.ts';
import { SHELL_COMMAND, type Shell, type ShellOutput, type TerminalSize } from '../shell.ts';

/** What a process of the release is to run: a command for `/bin/sh -c`, with its arguments. */
export interface ShellWords {
  readonly command: string;
  readonly arguments: readonly string[];
}

/** With a terminal util-linux's `script`, which is on every Debian, makes one inside the sandbox. */
export function shellWords(command: readonly string[], terminal: TerminalSize | null): ShellWords {
  if (terminal === null) return { command: SHELL_COMMAND, arguments: ['sluice', ...command] };
  const inner = ['/bin/sh', '-c', SHELL_COMMAND, 'sluice', ...command].map(quote).join(' ');
  const { rows, columns } = terminal;
  return {
    command: 'exec script --quiet --return --flush --command "$1" /dev/null',
    arguments: ['sluice', `stty rows ${rows} cols ${columns}; exec ${inner}`],
  };
}

/** Joined to the server by pipes: where that dies, the sandbox dies with it. `id` marks its processes. */
export async function runShell(
  id: string,
  program: ProgramSpec,
  terminal: TerminalSize | null,
  cleanUp: () => Promise<void>,
): Promise<Shell> {
  const { child, input, output, errors } = await launchShell(id, program);
  const exit = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  return {
    input,
    output: merge(output, errors),
    exit,
    resize: async (size) => {
      if (terminal !== null) await resizeTerminal(id, size);
    },
    end: async () => {
      await endTask(id, 0);
      await cleanUp();
    },
  };
}

/** The terminal is in a file system of its own; its processes have it open. */
async function resizeTerminal(id: string, { rows, columns }: TerminalSize): Promise<void> {
  const pid = taskProcesses(id).find(hasTerminal);
  if (pid === undefined) return;
  const args = ['-F', `/proc/${pid}/fd/0`, 'rows', String(rows), 'cols', String(columns)];
  await new Promise<void>((done) => {
    // One that has ended meanwhile has no size.
    execFile('stty', args, () => done());
  });
}

/** proc(5): the seventh field of `stat` is its terminal. */
function hasTerminal(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4] !== '0';
  } catch {
    return false;
  }
}

async function* merge(output: Readable, errors: Readable): AsyncGenerator<ShellOutput> {
  const sources = [
    { source: 'stdout' as const, chunks: output[Symbol.asyncIterator]() },
    { source: 'stderr' as const, chunks: errors[Symbol.asyncIterator]() },
  ];
  type Next = { from: (typeof sources)[number]; result: IteratorResult<Buffer> };
  const ask = (from: (typeof sources)[number]): Promise<Next> =>
    from.chunks.next().then((result) => ({ from, result }));
  const asked = new Map(sources.map((from) => [from, ask(from)]));
  while (asked.size > 0) {
    const { from, result } = await Promise.race(asked.values());
    if (result.done) asked.delete(from);
    else {
      asked.set(from, ask(from));
      yield { source: from.source, bytes: result.value };
    }
  }
}
