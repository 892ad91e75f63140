import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { table } from '../ui/table.ts';

/** `runner token create|list|revoke`: what lets a machine register. */
export function registerRunnerTokens(group: Command, context: Context): void {
  const tokens = group
    .command('token')
    .description('Registration tokens: what lets a machine become a runner.');

  tokens
    .command('create [name]')
    .description('Make a registration token. It is shown once.')
    .option('--reusable', 'good for any number of runners until it expires (default: for one)')
    .option('--expires-in <hours>', 'hours until it expires', '24')
    .option('--organisation <uuid>', 'its runners serve only this organisation')
    .option('--json', 'print JSON')
    .action(
      async (
        name: string | undefined,
        options: { reusable?: boolean; expiresIn: string; organisation?: string; json?: boolean },
      ) => {
        const hours = Number(options.expiresIn);
        if (!(hours > 0 && hours <= 8_784)) {
          throw new CommandError(exitCodes.usage, '--expires-in takes hours, from 0 to 8784.');
        }
        const made = await (await context.client()).runnerTokens.create({
          ...(name === undefined ? {} : { name }),
          ...(options.organisation === undefined ? {} : { organisation: options.organisation }),
          ...{ reusable: options.reusable === true, expires_in_hours: hours },
        });
        context.terminal.print(options.json ? JSON.stringify(made) : made.token);
        if (options.json) return;
        const server = await context.address();
        context.terminal.note(
          `On the other machine: sluice runner --server ${server} --token ${made.token}`,
        );
      },
    );

  tokens
    .command('list')
    .description('List the registration tokens; their secrets were shown once.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const { results } = await (await context.client()).runnerTokens.list();
      if (options.json) {
        context.terminal.print(JSON.stringify(results));
        return;
      }
      const rows = results.map((one) => [
        ...[one.uuid, one.name, `...${one.hint}`, one.state],
        ...[one.reusable ? 'any number' : 'one', String(one.uses), one.expires_at],
      ]);
      const head = ['UUID', 'NAME', 'TOKEN', 'STATE', 'FOR', 'USED', 'EXPIRES'];
      for (const line of table(head, rows)) context.terminal.print(line);
    });

  tokens
    .command('revoke <uuid>')
    .description('End a registration token; runners that came with it stay.')
    .action(async (uuid: string) => {
      await (await context.client()).runnerTokens.revoke(uuid);
      context.terminal.print('Revoked.');
    });
}
