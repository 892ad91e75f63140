import type { Application, Client } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { selectApplication } from '../project/application.ts';
import { printable, table } from '../ui/table.ts';

export function registerAppShow(app: Command, context: Context): void {
  app
    .command('show')
    .description('Show an application: website id, git address, how a CI service deploys it.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .action(async (options: { remoteId?: string; json?: boolean }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      if (options.json) {
        const connect = await client.applications.connect(application.uuid);
        const { results: environments } = await client.environments.list({
          application: application.uuid,
        });
        context.terminal.print(JSON.stringify({ ...application, connect, environments }));
      } else {
        await showApplication(context, client, application);
      }
    });
}

/** What a person needs to work with the application, with the lines to copy. */
export async function showApplication(
  { terminal }: Context,
  client: Client,
  application: Application,
): Promise<void> {
  const connect = await client.applications.connect(application.uuid);
  const { results: environments } = await client.environments.list({
    application: application.uuid,
  });
  const field = (name: string, value: string) =>
    terminal.print(`${terminal.style('bold', name.padEnd(12))} ${printable(value)}`);
  field('Application', application.name);
  field('Website id', String(application.id));
  field('Uuid', application.uuid);
  field('Git', application.git_url);
  field('CI', connect.ci.active ? 'on' : 'off');
  if (!connect.ci.active) field('', connect.ci.switch_command);
  field('Deploy', connect.deploy_command);
  field('or', connect.curl);
  field('Token', connect.encrypt_command);
  terminal.print('');
  const rows = environments.map((environment) => [
    environment.slug,
    environment.branch,
    environment.live_commit?.slice(0, 10) ?? '-',
    environment.hold === null ? '' : 'on hold',
    environment.url,
  ]);
  for (const line of table(['ENVIRONMENT', 'BRANCH', 'LIVE', '', 'URL'], rows)) {
    terminal.print(line);
  }
}
