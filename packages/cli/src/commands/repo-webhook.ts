import { WEBHOOK_PROVIDERS } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectSource } from '../project/source-repository.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly provider?: string;
  readonly remove?: boolean;
  readonly limit?: string;
}

/** `repo webhook|deliveries|redeliver`: what the host tells of pushes and pull requests. */
export function registerRepoWebhook(group: Command, context: Context): void {
  const { terminal } = context;
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug of the application')
      .option('--json', 'print JSON');

  verb('webhook', 'Make the address and secret to enter at the host; a secret before ends.')
    .option('--provider <kind>', `${WEBHOOK_PROVIDERS.join(', ')} (default: by the address)`)
    .option('--remove', 'close the address')
    .action(async (options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      if (options.remove === true) {
        await client.sources.removeWebhook(source.uuid);
        terminal.print(options.json ? 'null' : 'Closed.');
        return;
      }
      const provider = WEBHOOK_PROVIDERS.find((one) => one === options.provider);
      if (options.provider !== undefined && provider === undefined) {
        const kinds = WEBHOOK_PROVIDERS.join(', ');
        throw new CommandError(exitCodes.usage, `The kinds of hosts are ${kinds}.`);
      }
      const made = await client.sources.makeWebhook(source.uuid, provider);
      if (options.json) {
        terminal.print(JSON.stringify(made));
        return;
      }
      terminal.print(`Address  ${made.url}`);
      terminal.print(`Secret   ${made.secret}`);
      terminal.note('');
      terminal.note('The secret is shown this once. Content type: application/json.');
      terminal.note('Events: pushes, tags, pull requests. Then look: sluice repo deliveries');
    });

  verb('deliveries [uuid]', 'List what came by webhook, newest first; with a uuid, show that one.')
    .option('--limit <n>', 'at most so many', '20')
    .action(async (uuid: string | undefined, options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      const pageSize = Number(options.limit);
      if (!Number.isInteger(pageSize) || pageSize < 1) {
        throw new CommandError(exitCodes.usage, '--limit is a positive whole number.');
      }
      const { results } = await client.sources.deliveries(source.uuid, {
        pageSize,
        ...(uuid === undefined ? {} : { delivery: uuid }),
      });
      if (options.json) {
        terminal.print(JSON.stringify(uuid === undefined ? results : results[0]));
        return;
      }
      if (uuid !== undefined) {
        for (const one of results) terminal.print(JSON.stringify(one, null, 2));
        return;
      }
      const rows = results.map((one) => [
        one.received_at,
        one.state,
        one.event,
        one.uuid,
        one.result,
      ]);
      for (const line of table(['RECEIVED', 'STATE', 'EVENT', 'UUID', 'RESULT'], rows)) {
        terminal.print(line);
      }
    });

  verb('redeliver <uuid>', 'Process a delivery once more.').action(
    async (uuid: string, options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      const again = await client.sources.redeliver(source.uuid, uuid);
      terminal.print(options.json ? JSON.stringify(again) : again.result);
    },
  );
}
