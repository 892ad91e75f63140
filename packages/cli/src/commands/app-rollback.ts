import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { describeOutcome, exitCodeOf, resultOf } from '../deployment/outcome.ts';
import { watchDeployment } from '../deployment/watch.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly release?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

/** `app rollback`, `app resume`, `app releases`. */
export function registerAppRollback(app: Command, context: Context): void {
  app
    .command('rollback [environment]')
    .description(
      'Put an earlier release back without building, and hold the environment until it is resumed.',
    )
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--release <uuid>', 'which release (default: the one before the live one)')
    .option('--reason <text>', 'shown to everyone whose deployment is held')
    .option('--json', 'end with one line of JSON')
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, slug ?? 'test');
      const { results } = await client.environments.releases(environment.uuid);
      const live = results.findIndex((release) => release.is_live);
      const release = options.release ?? results.slice(live + 1)[0]?.uuid;
      if (release === undefined) {
        throw new CommandError(exitCodes.failed, 'There is no earlier release to go back to.');
      }
      const accepted = await client.environments.rollback(environment.uuid, {
        release,
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      });
      const ended = await watchDeployment(context, client, accepted.uuid, {
        log: false,
        quiet: options.json ?? false,
      });
      context.terminal.print(
        options.json ? JSON.stringify(resultOf(ended)) : describeOutcome(ended),
      );
      if (!options.json) {
        context.terminal.note(
          `${environment.slug} is on hold until: ${context.programName} app resume ${environment.slug} --remote-id ${application.id}`,
        );
      }
      process.exitCode = exitCodeOf(ended, false);
    });

  app
    .command('resume [environment]')
    .description('Lift the hold and deploy the newest commit that waited for it.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--no-wait', 'do not wait for the outcome')
    .option('--json', 'end with one line of JSON')
    .action(async (slug: string | undefined, options: Options & { wait: boolean }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, slug ?? 'test');
      const { deployment } = await client.environments.resume(environment.uuid);
      if (deployment === null) {
        const outcome =
          environment.hold === null
            ? `${environment.slug} was not on hold.`
            : `${environment.slug} is no longer on hold; nothing was waiting.`;
        context.terminal.print(options.json ? 'null' : outcome);
        return;
      }
      const last = options.wait
        ? await watchDeployment(context, client, deployment.uuid, {
            log: false,
            quiet: options.json ?? false,
          })
        : deployment;
      context.terminal.print(options.json ? JSON.stringify(resultOf(last)) : describeOutcome(last));
      process.exitCode = exitCodeOf(last, false);
    });

  app
    .command('releases [environment]')
    .description('List the releases that can be rolled back to.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, slug ?? 'test');
      const { results } = await client.environments.releases(environment.uuid);
      if (options.json) {
        context.terminal.print(JSON.stringify(results));
        return;
      }
      const rows = results.map((release) => [
        release.uuid,
        release.commit.slice(0, 10),
        new Date(release.created_at).toLocaleString('sv'),
        release.is_live ? 'live' : '',
      ]);
      for (const line of table(['UUID', 'COMMIT', 'CREATED', ''], rows)) {
        context.terminal.print(line);
      }
    });
}
