import type { Client, Deployment, Environment } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { describeOutcome, exitCodeOf, resultOf } from '../deployment/outcome.ts';
import { watchDeployment } from '../deployment/watch.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { pagerOption, type ScopeOptions, scopeOf, withScope } from '../options.ts';
import { pause } from '../patience.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { table } from '../ui/table.ts';

const APPEAR_MS = 60_000;

interface GroupOptions {
  readonly remoteId?: string;
  readonly json?: boolean;
}

/** `app deployments list|get|get-var|watch|log|cancel`; group options stand before the verb or behind it. */
export function registerAppDeployments(app: Command, context: Context): void {
  const group = app
    .command('deployments')
    .description('Look at deployments, follow one, cancel one.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .addOption(pagerOption());
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');
  const merged = <T>(command: Command): T & GroupOptions => command.optsWithGlobals();

  withScope(verb('list', 'List the newest deployments of an environment.')).action(
    async (_: unknown, command: Command) => {
      const options = merged<ScopeOptions>(command);
      await list(context, options);
    },
  );

  verb('get <uuid>', 'Show one deployment.').action(
    async (uuid: string, _: unknown, command: Command) => {
      const deployment = await (await context.client()).deployments.get(uuid);
      if (merged(command).json) {
        context.terminal.print(JSON.stringify(deployment));
        return;
      }
      for (const [name, value] of Object.entries(deployment)) {
        const text = Array.isArray(value) ? value.join(', ') : String(value ?? '-');
        context.terminal.print(`${context.terminal.style('bold', name.padEnd(22))} ${text}`);
      }
    },
  );

  verb('get-var <uuid> <name>', 'Show a variable as a deployment had it.').action(
    async (uuid: string, name: string) => {
      const found = await (await context.client()).deployments.variables(uuid);
      const value = found.environment_variables[name];
      if (value === undefined || value === null) {
        context.terminal.note(`Deployment ${uuid} has no readable variable ${name}.`);
      } else {
        context.terminal.print(value);
      }
    },
  );

  verb('watch [uuid]', 'Follow a deployment until it ends; the exit code is its outcome.')
    .option('--commit <commit>', 'the deployment of this commit, instead of a uuid')
    .option('-e, --environment <slug>', 'with --commit: the environment', 'test')
    .option('--log', 'show its log')
    .action(async (uuid: string | undefined, _: unknown, command: Command) => {
      const options = merged<{ commit?: string; environment: string; log?: boolean }>(command);
      const client = await context.client();
      const wanted = uuid ?? (await deploymentOfCommit(context, client, options));
      const ended = await watchDeployment(context, client, wanted, {
        log: options.log ?? false,
        quiet: options.json ?? false,
      });
      context.terminal.print(
        options.json ? JSON.stringify(resultOf(ended)) : describeOutcome(ended),
      );
      process.exitCode = exitCodeOf(ended, false);
    });

  verb('log <uuid>', "Show a deployment's log.").action(async (uuid: string) => {
    const { logs } = await (await context.client()).deployments.logs(uuid);
    context.terminal.write(logs);
  });

  verb('cancel <uuid>', 'Cancel a deployment that is not live yet.').action(
    async (uuid: string) => {
      const deployment = await (await context.client()).deployments.cancel(uuid);
      context.terminal.print(`${deployment.uuid} ${deployment.status}`);
    },
  );
}

async function list(context: Context, options: ScopeOptions & GroupOptions): Promise<void> {
  const client = await context.client();
  const application = await selectApplication(context, client, options.remoteId);
  const { results: environments } = await client.environments.list({
    application: application.uuid,
  });
  const scope = scopeOf(options);
  const only =
    scope.environment === null
      ? null
      : await selectEnvironment(client, application.uuid, scope.environment);
  const found = await client.deployments.list({
    application: application.uuid,
    ...(only === null ? {} : { environment: only.uuid }),
    ...(scope.limit === null ? {} : { pageSize: scope.limit }),
  });
  const { terminal } = context;
  if (options.json) {
    terminal.print(JSON.stringify(found.results));
    return;
  }
  if (found.results.length === 0) {
    terminal.note('No deployments yet. Ask for one with: sluice app deploy');
    return;
  }
  const slugs = new Map(environments.map(({ uuid, slug }: Environment) => [uuid, slug]));
  const rows = found.results.map((deployment) => row(deployment, slugs));
  for (const line of table(['UUID', 'ENV', 'COMMIT', 'STATUS', 'STARTED', 'BY', ''], rows)) {
    terminal.print(line);
  }
  if (found.results.length < found.count) {
    terminal.note(`There were ${found.count} results available.`);
  }
}

function row(deployment: Deployment, slugs: ReadonlyMap<string, string>): string[] {
  return [
    deployment.uuid,
    slugs.get(deployment.environment) ?? '',
    deployment.commit?.slice(0, 10) ?? '-',
    deployment.status,
    new Date(deployment.started_at).toLocaleString('sv'),
    deployment.requested_by ?? '',
    deployment.reason ?? '',
  ];
}

/** Waits a while for the deployment to appear: the job that asks for it may still be on its way. */
async function deploymentOfCommit(
  context: Context,
  client: Client,
  options: GroupOptions & { commit?: string; environment: string },
): Promise<string> {
  if (options.commit === undefined) {
    throw new CommandError(exitCodes.usage, 'Name a deployment, or a commit with --commit.');
  }
  const application = await selectApplication(context, client, options.remoteId);
  const until = Date.now() + APPEAR_MS;
  for (;;) {
    const why = await client.why(options.commit, application.uuid);
    const place = why.environments.find(({ slug }) => slug === options.environment);
    if (place?.deployment) return place.deployment;
    if (Date.now() > until) {
      throw new CommandError(
        exitCodes.notFound,
        `No deployment of ${options.commit} to ${options.environment}: ${place?.reason ?? place?.state ?? 'no such environment'}.`,
      );
    }
    await pause(300);
  }
}
