import type { AppLogs } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { pause } from '../patience.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';

interface LogsOptions {
  readonly remoteId?: string;
  readonly tail?: boolean;
  readonly utc?: boolean;
}

/** `app logs` (the application's own output) and `app deploy-log` (the last deployment's). */
export function registerAppLogs(app: Command, context: Context): void {
  app
    .command('logs [environment]')
    .description("Show the application's own output (default: environment test).")
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--tail', 'go on as it grows, until Ctrl-C')
    .option('--utc', 'times in UTC instead of local time')
    .action(async (slug: string | undefined, options: LogsOptions) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, slug ?? 'test');
      let page = await client.environments.logs(environment.uuid);
      show(context, page, options.utc ?? false);
      while (options.tail) {
        if (page.results.length === 0) await pause(1000);
        page = await client.environments.logs(environment.uuid, page.next);
        show(context, page, options.utc ?? false);
      }
    });

  app
    .command('deploy-log [environment]')
    .description('Show the log of the last finished deployment (default: environment test).')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .action(async (slug: string | undefined, options: { remoteId?: string }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, slug ?? 'test');
      if (environment.last_finished_deployment === null) {
        context.terminal.note('No logs available.');
        return;
      }
      const { logs } = await client.deployments.logs(environment.last_finished_deployment.uuid);
      context.terminal.write(logs);
    });
}

function show({ terminal }: Context, page: AppLogs, utc: boolean): void {
  for (const { timestamp, service, message } of page.results) {
    const time = utc ? timestamp : new Date(timestamp).toLocaleString('sv');
    terminal.print(`${terminal.style('dim', `${time} ${service.padEnd(8)}`)} ${message}`);
  }
}
