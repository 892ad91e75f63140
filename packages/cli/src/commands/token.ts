import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { table } from '../ui/table.ts';

/** `token list|create|revoke`: access tokens of the person who is logged in. */
export function registerToken(program: Command, context: Context): void {
  const group = program.command('token').description('Your access tokens.');

  group
    .command('list')
    .description('List your tokens; their secrets were shown once, when they were made.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const { results } = await (await context.client()).tokens.list();
      if (options.json) {
        context.terminal.print(JSON.stringify(results));
        return;
      }
      const rows = results.map((token) => [
        token.uuid,
        token.name,
        token.last_used_at ?? 'never used',
        token.expires_at ?? 'no end',
      ]);
      for (const line of table(['UUID', 'NAME', 'LAST USED', 'EXPIRES'], rows)) {
        context.terminal.print(line);
      }
    });

  group
    .command('create <name>')
    .description('Make a token. It is shown once.')
    .option('--expires-at <time>', 'ISO 8601 time at which it ends')
    .action(async (name: string, options: { expiresAt?: string }) => {
      const created = await (await context.client()).tokens.create({
        name,
        ...(options.expiresAt === undefined ? {} : { expires_at: options.expiresAt }),
      });
      context.terminal.print(created.token);
    });

  group
    .command('revoke <uuid>')
    .description('End a token at once.')
    .action(async (uuid: string) => {
      await (await context.client()).tokens.revoke(uuid);
      context.terminal.print('Revoked.');
    });
}
