import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * `sluice admin ...` and `sluice server ...` are the server's own programs, which work on its data directory.
 * They are programs of their own: the CLI knows the server through the HTTP contract alone.
 */
export function registerAdmin(program: Command): void {
  const passThrough = (name: string, module: string, description: string) =>
    program
      .command(`${name} [words...]`)
      .description(description)
      .helpOption(false)
      .allowUnknownOption()
      .action((_: string[], __: unknown, command: Command) => {
        becomeModule(module, wordsAfter(name, command));
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

/**
 * In the place of this process, so that whoever watches over it (systemd, a shell) has the server itself and no wrapper
 * in between.
 */
function becomeModule(module: string, words: readonly string[]): never {
  const { execPath, execve, env } = process;
  const file = fileOf(module);
  if (execve === undefined) {
    throw new CommandError(exitCodes.failed, `Run ${file} with Node yourself on this system.`);
  }
  return execve(execPath, [execPath, '--disable-warning=ExperimentalWarning', file, ...words], env);
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
