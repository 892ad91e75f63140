import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { table } from '../ui/table.ts';

export function registerAppList(app: Command, context: Context): void {
  app
    .command('list')
    .description('List the applications that you can see.')
    .option('-g, --grouped', 'by organisation')
    .option('--json', 'print JSON')
    .action(async (options: { grouped?: boolean; json?: boolean }) => {
      const client = await context.client();
      const { results } = await client.applications.list({ pageSize: 1000 });
      if (options.json) {
        context.terminal.print(JSON.stringify(results));
        return;
      }
      if (results.length === 0) {
        context.terminal.note('No applications yet. Make one with: sluice app create NAME');
        return;
      }
      const { results: organisations } = await client.organisations.list();
      const names = new Map(organisations.map(({ uuid, name }) => [uuid, name]));
      const rows = results.map((application) => [
        String(application.id),
        application.slug,
        application.name,
        names.get(application.organisation) ?? '',
        application.uuid,
      ]);
      if (options.grouped) rows.sort((a, b) => (a[3] ?? '').localeCompare(b[3] ?? ''));
      for (const line of table(['ID', 'SLUG', 'NAME', 'ORGANISATION', 'UUID'], rows)) {
        context.terminal.print(line);
      }
    });
}
