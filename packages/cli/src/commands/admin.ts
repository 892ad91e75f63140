import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * `sluice admin ...` and `sluice server ...` are the server's own programs, which work on its data directory.
 * They are started as processes: the CLI knows the server through the HTTP contract alone.
 */
export function registerAdmin(program: Command): void {
  const passThrough = (name: string, module: string, description: string) =>
    program
      .command(`${name} [words...]`)
      .description(description)
      .helpOption(false)
      .allowUnknownOption()
      .action(async (_: string[], __: unknown, command: Command) => {
        process.exitCode = await runModule(module, wordsAfter(name, command));
      });

  passThrough(
    'admin',
    '@sluice/server/admin',
    'Administer an installation through its data directory.',
  );
  passThrough('server', '@sluice/server/main', 'Start the server (same as script/server).');
}

/** The command line behind the command's name, untouched. */
function wordsAfter(name: string, command: Command): string[] {
  const words = process.argv.slice(2);
  const at = words.indexOf(name);
  return at < 0 ? command.args : words.slice(at + 1);
}

function runModule(module: string, words: readonly string[]): Promise<number> {
  const file = fileOf(module);
  return new Promise((done) => {
    const child = spawn(process.execPath, [file, ...words], { stdio: 'inherit' });
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(name, () => child.kill(name));
    }
    child.on('error', () => done(exitCodes.failed));
    child.on('exit', (code) => done(code ?? exitCodes.failed));
  });
}

/** The command that a server hands out is one file, without the server's programs. */
function fileOf(module: string): string {
  try {
    return fileURLToPath(import.meta.resolve(module));
  } catch (cause) {
    throw new CommandError(
      exitCodes.usage,
      'This copy of sluice came without a server. Run the command on the machine of the server, with its script/sluice.',
      { cause },
    );
  }
}
