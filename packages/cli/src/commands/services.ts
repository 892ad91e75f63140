import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { table } from '../ui/table.ts';

/** `services list`: what `app service-instances add` takes. */
export function registerServices(program: Command, context: Context): void {
  program
    .command('services')
    .description('Databases, caches and storage that environments can have.')
    .command('list')
    .description('List what can be attached with: sluice app service-instances add.')
    .option('-r, --region <uuid>', 'for the divio client: here is one region only')
    .option('--limit <count>', 'at most so many', Number)
    .option('--json', 'print JSON')
    .action(async (options: { limit?: number; json?: boolean }) => {
      const { terminal } = context;
      const { results } = await (await context.client()).services.list();
      const shown = results.slice(0, options.limit ?? results.length);
      if (options.json) {
        terminal.print(JSON.stringify(shown));
        return;
      }
      if (shown.length === 0) {
        terminal.note('None: this installation does not run applications in Docker.');
        return;
      }
      const rows = shown.map((one) => [one.identifier, one.name, one.type, one.description]);
      for (const line of table(['SERVICE', 'NAME', 'TYPE', 'DESCRIPTION'], rows))
        terminal.print(line);
    });
}
