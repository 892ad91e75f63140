import type { Client, Domain } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly env?: string;
  readonly primary?: boolean;
  readonly redirect?: boolean;
}

/** `app domains list|add|change|check|remove`. */
export function registerAppDomains(app: Command, context: Context): void {
  const group = app
    .command('domains')
    .description('Host names of your own for an environment. They take effect at once.');
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');

  verb('list', 'List the domains, where they point and what certificate they have.').action(
    async (options: Options) => {
      const client = await context.client();
      const { results, slugs } = await domainsOf(context, client, options);
      print(context, results, slugs, options);
    },
  );

  verb('add <name>', 'Let an environment answer under a host name.')
    .option('-e, --env <slug>', 'environment', 'live')
    .option('--primary', 'what DOMAIN names, and where others redirect to')
    .option('--redirect', 'only send on to the primary domain')
    .action(async (name: string, options: Options) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, options.env ?? 'live');
      const made = await client.domains.create({
        ...{ environment: environment.uuid, name },
        ...changeOf(options),
      });
      say(context, made, options, made.dns.hint);
    });

  verb('change <name>', 'Serve a domain, make it the primary one, or let it redirect.')
    .option('--primary', 'what DOMAIN names, and where others redirect to')
    .option('--no-primary', 'an alias; the fixed name is the primary one')
    .option('--redirect', 'only send on to the primary domain')
    .option('--no-redirect', 'serve it')
    .action(async (name: string, options: Options) => {
      const client = await context.client();
      const change = changeOf(options);
      if (Object.keys(change).length === 0) {
        throw new CommandError(
          exitCodes.usage,
          'Say what to change: --primary, --no-primary, --redirect or --no-redirect.',
        );
      }
      const { uuid } = await find(context, client, name, options);
      const changed = await client.domains.update(uuid, change);
      say(context, changed, options, `${changed.display_name} is ${kindOf(changed)} now.`);
    });

  verb(
    'check <name>',
    'Look now whether it points here and has a certificate. Exits 1 if not.',
  ).action(async (name: string, options: Options) => {
    const client = await context.client();
    const { uuid } = await find(context, client, name, options);
    const checked = await client.domains.check(uuid);
    say(context, checked, options, checked.check?.detail ?? '');
    if (checked.check?.is_right !== true) process.exitCode = exitCodes.failed;
  });

  verb('remove <name>', 'Answer under a domain no longer.').action(
    async (name: string, options: Options) => {
      const client = await context.client();
      const domain = await find(context, client, name, options);
      await client.domains.remove(domain.uuid);
      say(context, domain, options, `Removed ${domain.display_name}. Take it out of the DNS too.`);
    },
  );
}

const changeOf = ({ primary, redirect }: Options) => ({
  ...(primary === undefined ? {} : { is_primary: primary }),
  ...(redirect === undefined ? {} : { is_redirect: redirect }),
});

async function domainsOf(context: Context, client: Client, options: Options) {
  const application = await selectApplication(context, client, options.remoteId);
  const environments = (await client.environments.list({ application: application.uuid })).results;
  const slugs = new Map(environments.map(({ uuid, slug }) => [uuid, slug]));
  const { results } = await client.domains.list({ application: application.uuid });
  return { results, slugs };
}

async function find(
  context: Context,
  client: Client,
  name: string,
  options: Options,
): Promise<Domain> {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const { results } = await domainsOf(context, client, options);
  const found = results.find((one) => one.name === wanted || one.display_name === wanted);
  if (found !== undefined) return found;
  throw new CommandError(
    exitCodes.notFound,
    `There is no domain ${name}: sluice app domains list.`,
  );
}

function say({ terminal }: Context, domain: Domain, { json }: Options, text: string): void {
  terminal.print(json ? JSON.stringify(domain) : text);
}

function kindOf({ is_primary, is_redirect }: Domain): string {
  if (is_primary) return 'primary';
  return is_redirect ? 'redirect' : 'alias';
}

function print(
  { terminal }: Context,
  domains: readonly Domain[],
  slugs: ReadonlyMap<string, string>,
  { json }: Options,
): void {
  if (json) {
    terminal.print(JSON.stringify(domains));
    return;
  }
  if (domains.length === 0) {
    terminal.note('Only the fixed names so far: sluice app domains add www.example.com');
    return;
  }
  const rows = domains.map((domain) => [
    slugs.get(domain.environment) ?? domain.environment,
    domain.display_name,
    kindOf(domain),
    domain.check?.points ?? '-',
    domain.check?.certificate_expires_at?.slice(0, 10) ?? domain.check?.certificate ?? '-',
  ]);
  const heads = ['ENV', 'NAME', 'KIND', 'POINTS', 'CERTIFICATE'];
  for (const line of table(heads, rows)) terminal.print(line);
}
