import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { readAll } from '../ui/confirm.ts';

/**
 * Lets git push with the login of the CLI: `git config credential.<server>.helper '!sluice git-credential'`.
 * Speaks the protocol of git-credential(1): `get` answers a user and a password for a server that we know.
 */
export function registerGitCredential(program: Command, context: Context): void {
  program
    .command('git-credential <operation>', { hidden: true })
    .description(
      "git's credential helper; set up by hand, see docs/how-to/push-with-the-cli-login.md",
    )
    .action(async (operation: string) => {
      if (operation !== 'get') return;
      const fields = new Map(
        (await readAll())
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      const server = `${fields.get('protocol')}://${fields.get('host')}`;
      const login = await context.credentials.find(server);
      if (login === null) return;
      context.terminal.print(`username=${login.email}\npassword=${login.token}`);
    });
}
