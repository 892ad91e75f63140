import { setTimeout as pause } from 'node:timers/promises';
import type { Client, ServiceInstance } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { confirmByName } from '../ui/confirm.ts';
import { printServiceInstances } from '../ui/service-instances.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly prefix?: string;
  readonly service?: string;
  readonly removed?: boolean;
  readonly wait?: boolean;
  readonly yes?: boolean;
  readonly env?: string;
  readonly limit?: number;
}

const ASK_EVERY_MS = 1_000;

/** `app service-instances list|add|show|remove|restore`. */
export function registerAppServiceInstances(app: Command, context: Context): void {
  const group = app
    .command('service-instances')
    .description('Databases, caches and storage behind an environment. They outlive deployments.');
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');

  verb('list [environment]', 'List the services of an environment (test), and what they give it.')
    .option('--removed', 'those of the application that can be restored')
    .option('--limit <count>', 'at most so many', Number)
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const filter =
        options.removed === true
          ? { application: application.uuid, removed: true }
          : {
              environment: (await selectEnvironment(client, application.uuid, slug ?? 'test')).uuid,
            };
      const { results } = await client.serviceInstances.list(filter);
      const shown = results.slice(0, options.limit ?? results.length);
      if (options.json) context.terminal.print(JSON.stringify(shown));
      else printServiceInstances(context.terminal, shown, options.removed === true);
    });

  verb('add [environment]', 'Attach a service to an environment (test).')
    .requiredOption(
      '-s, --service <service>',
      'postgresql, redis, storage, or a uuid of: services list',
    )
    .option('-p, --prefix <prefix>', 'first part of the names of its variables', 'DEFAULT')
    .option('-r, --region <uuid>', 'for the divio client: here is one region only')
    .option('--wait', 'until it answers; exits 1 when it cannot be had')
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const { uuid } = await environmentOf(context, client, slug, options);
      const { service = '', prefix = 'DEFAULT' } = options;
      const made = await client.serviceInstances.create({ environment: uuid, service, prefix });
      const instance = options.wait === true ? await untilItAnswers(client, made) : made;
      const names = instance.variables.map(({ name }) => name).join(', ');
      say(
        context,
        instance,
        options,
        `${instance.name} ${instance.prefix} ${instance.service_status === 'PROVISIONED' ? 'is ready' : 'is being made'}. Deploy to get ${names}.`,
      );
      if (instance.service_status === 'UNREACHABLE') {
        throw new CommandError(exitCodes.failed, `It cannot be had: ${instance.problem}`);
      }
    });

  verb('show [environment]', 'What a service gives to releases: its password too. It is audited.')
    .requiredOption('-s, --service <service>', 'postgresql, redis, storage, or its own uuid')
    .option('-p, --prefix <prefix>', 'the one with this prefix', 'DEFAULT')
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const environment = await environmentOf(context, client, slug, options);
      const { results } = await client.serviceInstances.list({ environment: environment.uuid });
      const { variables } = await client.serviceInstances.reveal(find(results, options).uuid);
      if (options.json) context.terminal.print(JSON.stringify(variables));
      else for (const { name, value } of variables) context.terminal.print(`${name}=${value}`);
    });

  verb('remove [environment]', 'Remove a service. It can be restored with its data for some days.')
    .requiredOption('-s, --service <service>', 'postgresql, redis, storage, or its own uuid')
    .option('-p, --prefix <prefix>', 'the one with this prefix', 'DEFAULT')
    .option('--yes', 'do not ask')
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const environment = await environmentOf(context, client, slug, options);
      const { results } = await client.serviceInstances.list({ environment: environment.uuid });
      const instance = find(results, options);
      await confirmByName(
        `This removes ${instance.name} ${instance.prefix} of ${environment.slug}: what runs loses its connection at once.`,
        instance.prefix,
        options.yes ?? false,
      );
      const removed = await client.serviceInstances.remove(instance.uuid);
      say(
        context,
        removed,
        options,
        `Removed ${removed.name} ${removed.prefix}. Its data are kept until ${removed.kept_until?.slice(0, 10)}. To undo: sluice app service-instances restore ${removed.uuid}`,
      );
    });

  verb('restore <uuid>', 'Bring back a removed service with its data.')
    .option('-e, --env <slug>', 'into this environment; its own by default')
    .action(async (uuid: string, options: Options) => {
      const client = await context.client();
      const { application } = await client.serviceInstances.get(uuid);
      const environment =
        options.env === undefined
          ? null
          : (await selectEnvironment(client, application, options.env)).uuid;
      const instance = await client.serviceInstances.restore(uuid, { environment });
      say(context, instance, options, `Restored ${instance.name} ${instance.prefix}.`);
    });
}

async function environmentOf(
  context: Context,
  client: Client,
  slug: string | undefined,
  options: Options,
) {
  const application = await selectApplication(context, client, options.remoteId);
  return selectEnvironment(client, application.uuid, slug ?? 'test');
}

function find(instances: readonly ServiceInstance[], options: Options): ServiceInstance {
  const wanted = options.service?.toLowerCase();
  const prefix = options.prefix?.toUpperCase();
  const found = instances.find(
    ({ uuid, identifier, service, prefix: own }) =>
      uuid === wanted || ((identifier === wanted || service === wanted) && own === prefix),
  );
  if (found !== undefined) return found;
  throw new CommandError(
    exitCodes.notFound,
    `There is no ${options.service} ${prefix} here: sluice app service-instances list.`,
  );
}

async function untilItAnswers(client: Client, made: ServiceInstance): Promise<ServiceInstance> {
  let instance = made;
  while (instance.service_status === 'PROVISIONING') {
    await pause(ASK_EVERY_MS);
    instance = await client.serviceInstances.get(made.uuid);
  }
  return instance;
}

function say(
  { terminal }: Context,
  instance: ServiceInstance,
  { json }: Options,
  text: string,
): void {
  terminal.print(json ? JSON.stringify(instance) : text);
}
