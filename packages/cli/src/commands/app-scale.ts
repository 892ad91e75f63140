import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';

interface ScaleOptions {
  readonly environment: string;
  readonly remoteId?: string;
  readonly later?: boolean;
}

/** `app scale`: how many instances serve an environment. */
export function registerAppScale(app: Command, context: Context): void {
  app
    .command('scale <instances>')
    .description(
      'Set how many instances serve an environment, and replace those that do, without an outage.',
    )
    .option('-e, --environment <slug>', 'environment', 'test')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--later', 'only from the next deployment or restart on')
    .action(async (text: string, options: ScaleOptions) => {
      if (!/^[1-9]\d?$/.test(text)) {
        throw new CommandError(exitCodes.usage, 'Say how many: a number from 1 on.');
      }
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const { uuid } = await selectEnvironment(client, application.uuid, options.environment);
      const changed = await client.environments.update(uuid, { instances: Number(text) });
      const applies = changed.live_deployment !== null && !options.later;
      if (applies) await client.environments.restart(uuid);
      const when = applies ? 'now serve it' : 'will serve it from its next deployment on';
      context.terminal.print(`${changed.slug}: ${changed.instances} instances ${when}.`);
    });
}
