import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';

export function registerAppOpen(app: Command, context: Context): void {
  app
    .command('open [environment]')
    .description("Open an environment's address in the browser; prints it where there is none.")
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--print', 'only print the address')
    .action(async (slug: string | undefined, options: { remoteId?: string; print?: boolean }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const { url } = await selectEnvironment(client, application.uuid, slug ?? 'test');
      context.terminal.print(url);
      if (options.print || !context.terminal.isInteractive) return;
      const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
      const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
      child.on('error', () => undefined);
      child.unref();
    });
}
