import type { Client, Repository } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectSource } from '../project/source-repository.ts';
import { confirmByName } from '../ui/confirm.ts';
import { printable } from '../ui/table.ts';
import { askToken } from '../ui/token.ts';
import { registerRepoAccess } from './repo-access.ts';
import { registerRepoWebhook } from './repo-webhook.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly username?: string;
  readonly token?: boolean;
  readonly replace?: boolean;
  readonly yes?: boolean;
}

/** `repo …`: where an application's code comes from. */
export function registerRepo(program: Command, context: Context): void {
  const group = program
    .command('repo')
    .description(
      "Where an application's code comes from: hosted here, or mirrored from elsewhere.",
    );
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug of the application')
      .option('--json', 'print JSON');

  verb('show', 'Show the repository, how its fetching goes, and what is in the way.').action(
    async (options: Options) => {
      const { source } = await selectSource(context, await context.client(), options.remoteId);
      show(context, source, options);
    },
  );

  verb(
    'connect <url>',
    'Mirror an outside repository instead of hosting one, or change its address.',
  )
    .option('--username <name>', 'user name for https, where the host wants one')
    .option('--token', 'ask for a token for https, or read it from standard input')
    .option('--replace', 'let branches of the hosted repository give way')
    .action(async (url: string, options: Options) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const before = await client.sources.get(application.repository_uuid);
      const password = options.token === true ? await askToken() : null;
      const credentials = {
        ...(options.username === undefined ? {} : { username: options.username }),
        ...(password === null ? {} : { password }),
      };
      const source =
        before.kind === 'mirror'
          ? await client.sources.update(before.uuid, { url, ...credentials })
          : await client.sources.connect(application.uuid, {
              ...{ url, ...credentials, replace: options.replace === true },
            });
      await firstFetch(context, client, source, options);
    });

  verb('disconnect', 'Host the repository here again, with what was fetched last.')
    .option('--yes', 'do not ask')
    .action(async (options: Options) => {
      const client = await context.client();
      const { application } = await selectSource(context, client, options.remoteId);
      const what = `${application.slug} no longer follows its outside repository.`;
      await confirmByName(what, application.slug, options.yes ?? false);
      await client.sources.disconnect(application.uuid);
      show(context, await client.sources.get(application.repository_uuid), options);
    });

  verb('fetch', 'Fetch now, and say how it went (exit 1 when it failed).').action(
    async (options: Options) => {
      const client = await context.client();
      const { source } = await selectSource(context, client, options.remoteId);
      const check = await client.sources.fetch(source.uuid);
      if (options.json) context.terminal.print(JSON.stringify(check));
      else context.terminal.print(check.detail ?? 'Fetched.');
      if (!['success', 'running'].includes(check.code)) process.exitCode = exitCodes.failed;
    },
  );

  registerRepoAccess(group, context);
  registerRepoWebhook(group, context);
}

/** After a new address: what still has to be done at the host, or that it works. */
export async function firstFetch(
  context: Context,
  client: Client,
  source: Repository,
  options: { readonly json?: boolean },
): Promise<void> {
  const { terminal } = context;
  const check = await client.sources.fetch(source.uuid);
  const now = await client.sources.get(source.uuid);
  show(context, now, options);
  if (options.json) return;
  if (check.code === 'auth' && now.auth_info !== null) {
    terminal.note('');
    terminal.note(
      'Add this as a deploy key at the host (reading is enough), then: sluice repo fetch',
    );
    terminal.note(now.auth_info);
  }
  if (now.webhook === null && now.kind === 'mirror') {
    terminal.note('');
    terminal.note('So that the host tells of pushes at once, make a webhook: sluice repo webhook');
  }
}

function show({ terminal }: Context, source: Repository, { json }: { readonly json?: boolean }) {
  if (json) {
    terminal.print(JSON.stringify(source));
    return;
  }
  const field = (name: string, value: string | null) => {
    if (value === null || value === '') return;
    terminal.print(`${terminal.style('bold', name.padEnd(14))} ${printable(value)}`);
  };
  field('Repository', source.url);
  if (source.moved_from !== null) {
    field('Renamed', `its host moved it from ${source.moved_from} at ${source.moved_at}`);
  }
  field('Kind', source.kind === 'hosted' ? 'hosted here' : 'mirrored');
  field('Branch', source.default_branch);
  if (source.kind === 'mirror') {
    field('Access', accessOf(source));
    field('Fetched', source.last_success_at ?? 'never');
    field('Next', source.next_fetch_at ?? 'by webhook or when asked');
    field('Webhook', source.webhook?.url ?? 'none');
    if (source.webhook !== null) {
      field('Last delivery', source.webhook.last_delivery_at ?? 'none yet');
    }
  }
  const problem = (text: string) => terminal.print(terminal.style('yellow', printable(text)));
  if (source.last_error !== null) {
    problem(`${source.last_error} (${source.failures} in a row)`);
  }
  for (const { environment, branch } of source.missing_branches) {
    problem(`${environment} tracks ${branch}, which is not there.`);
  }
  for (const { ref, before, after, at } of source.rewritten.slice(0, 3)) {
    const to = /^0+$/.test(after) ? 'nothing' : after.slice(0, 10);
    problem(`${ref} was rewritten at ${at}: ${before.slice(0, 10)} gave way to ${to}.`);
  }
  if (source.host_keys.some((key) => key.state === 'offered')) {
    problem('The host shows another key: sluice repo hosts');
  }
}

function accessOf(source: Repository): string {
  const ways = [
    source.has_password ? `token${source.username === null ? '' : ` of ${source.username}`}` : null,
    source.key_type === null ? null : `deploy key (${source.key_type})`,
  ].filter((way) => way !== null);
  return ways.length === 0 ? 'public' : ways.join(', ');
}
