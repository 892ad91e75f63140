import type { Client, EnvironmentVariable } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { pagerOption, type ScopeOptions, scopeOf, withScope } from '../options.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { table } from '../ui/table.ts';

interface Options extends ScopeOptions {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly txt?: boolean;
  readonly sensitive?: boolean;
}

/** `app env-vars list|get|set|unset`. */
export function registerAppEnvVars(app: Command, context: Context): void {
  const group = app
    .command('env-vars')
    .alias('environment-variables')
    .description('Variables of an environment. A change takes effect at the next deployment.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .option('--txt', 'print NAME=value lines')
    .addOption(pagerOption());
  const verb = (words: string, description: string) =>
    withScope(
      group
        .command(words)
        .description(description)
        .option('--remote-id <id>', 'website id, uuid or slug')
        .option('--json', 'print JSON'),
    );

  verb('list', 'List the variables. Values of sensitive ones are never shown.').action(
    (_: unknown, command: Command) => list(context, command.optsWithGlobals()),
  );

  verb('get <name>', 'Show one variable.').action((name: string, _: unknown, command: Command) =>
    list(context, command.optsWithGlobals(), name),
  );

  verb('set <assignments...>', 'Set variables: NAME=value ...')
    .option('--sensitive', 'write-only: the value is never shown again')
    .action(async (assignments: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const pairs = assignments.map(splitAssignment);
      const client = await context.client();
      const environment = await environmentOf(context, client, options);
      for (const { name, value } of pairs) {
        await setVariable(client, environment, name, value, options.sensitive);
      }
      context.terminal.print(`Set ${pairs.map(({ name }) => name).join(', ')}. Redeploy to apply.`);
    });

  verb('unset <names...>', 'Remove variables.').action(
    async (names: string[], _: unknown, command: Command) => {
      const client = await context.client();
      const environment = await environmentOf(context, client, command.optsWithGlobals<Options>());
      for (const name of names) {
        const { results } = await client.variables.list({ environment, name });
        const [found] = results;
        if (found === undefined) {
          throw new CommandError(exitCodes.notFound, `There is no variable ${name}.`);
        }
        await client.variables.remove(found.uuid);
      }
      context.terminal.print(`Removed ${names.join(', ')}. Redeploy to apply.`);
    },
  );
}

async function environmentOf(context: Context, client: Client, options: Options): Promise<string> {
  const application = await selectApplication(context, client, options.remoteId);
  return (await selectEnvironment(client, application.uuid, scopeOf(options).environment ?? 'test'))
    .uuid;
}

async function setVariable(
  client: Client,
  environment: string,
  name: string,
  value: string,
  sensitive: boolean | undefined,
): Promise<void> {
  const { results } = await client.variables.list({ environment, name });
  const [present] = results;
  const flag = sensitive === undefined ? {} : { is_sensitive: sensitive };
  if (present === undefined) await client.variables.create({ environment, name, value, ...flag });
  else await client.variables.update(present.uuid, { value, ...flag });
}

async function list(context: Context, options: Options, name?: string): Promise<void> {
  const client = await context.client();
  const application = await selectApplication(context, client, options.remoteId);
  const environments = (await client.environments.list({ application: application.uuid })).results;
  const slugs = new Map(environments.map(({ uuid, slug }) => [uuid, slug]));
  const { environment, limit } = scopeOf(options);
  const scope =
    environment === null
      ? { application: application.uuid }
      : { environment: (await selectEnvironment(client, application.uuid, environment)).uuid };
  const { results } = await client.variables.list({
    ...scope,
    ...(name === undefined ? {} : { name }),
    ...(limit === null ? {} : { pageSize: limit }),
  });
  print(context, results, slugs, options);
}

function print(
  { terminal }: Context,
  variables: readonly EnvironmentVariable[],
  slugs: ReadonlyMap<string, string>,
  options: Options,
): void {
  if (options.json) {
    terminal.print(JSON.stringify(variables));
    return;
  }
  if (variables.length === 0) {
    terminal.note('No environment variables found.');
    return;
  }
  if (options.txt) {
    for (const { name, value } of variables) {
      if (value !== null) terminal.print(`${name}=${value}`);
    }
    return;
  }
  const rows = variables.map(({ environment, name, value, is_sensitive }) => [
    slugs.get(environment) ?? environment,
    name,
    value ?? '(sensitive)',
    is_sensitive ? 'yes' : 'no',
  ]);
  for (const line of table(['ENV', 'NAME', 'VALUE', 'SENSITIVE'], rows)) terminal.print(line);
}

function splitAssignment(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandError(exitCodes.usage, `"${text}" is not NAME=value.`);
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}
