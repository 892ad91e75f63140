import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { prepareMachine } from '../runner/machine.ts';
import {
  defaultName,
  type RunnerOptions,
  serverOf,
  withRunnerOptions,
  workDirOf,
} from '../runner/options.ts';
import { selectRunner } from '../runner/select.ts';
import { work } from '../runner/work.ts';
import { confirmByName } from '../ui/confirm.ts';
import { table } from '../ui/table.ts';
import { registerRunnerImages } from './runner-images.ts';
import { registerRunnerTokens } from './runner-tokens.ts';

/** `runner`: this machine as a runner, and the runners of an installation. */
export function registerRunner(program: Command, context: Context): void {
  const group = program
    .command('runner')
    .description('Run jobs on this machine, and look after the runners of an installation.');

  withRunnerOptions(
    group
      .command('run', { isDefault: true })
      .description('Take jobs and run them here until stopped (`sluice runner` alone does this).'),
  )
    .option('--ephemeral', 'take one job, then be gone')
    .action(async (options: RunnerOptions) => work(context, options));

  withRunnerOptions(
    group
      .command('register')
      .description('Become a runner without taking jobs yet, such as before a service starts it.'),
  ).action(async (options: RunnerOptions) => register(context, options));

  registerRunnerImages(group, context);

  group
    .command('list')
    .description('List the runners.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => list(context, options.json === true));

  group
    .command('pause <runner>')
    .description('Give a runner no more jobs; those that it has go on.')
    .action(async (text: string) => {
      const { uuid, name } = await selectRunner(context, text);
      await (await context.client()).runners.pause(uuid);
      context.terminal.print(`${name} is paused.`);
    });

  group
    .command('resume <runner>')
    .description('Give a runner jobs again.')
    .action(async (text: string) => {
      const { uuid, name } = await selectRunner(context, text);
      await (await context.client()).runners.resume(uuid);
      context.terminal.print(`${name} gets jobs again.`);
    });

  group
    .command('remove <runner>')
    .description('Remove a runner; its jobs go back to the queue.')
    .option('-y, --yes', 'do not ask')
    .action(async (text: string, options: { yes?: boolean }) => {
      const { uuid, name, jobs } = await selectRunner(context, text);
      const what = `This removes the runner ${name}; ${jobs.length} of its jobs start again elsewhere.`;
      await confirmByName(what, name, options.yes === true);
      await (await context.client()).runners.remove(uuid);
      context.terminal.print(`${name} is removed.`);
    });

  registerRunnerTokens(group, context);
}

async function register(context: Context, options: RunnerOptions): Promise<void> {
  if (!options.token) {
    throw new CommandError(exitCodes.usage, 'Give the registration token with --token.');
  }
  const server = await serverOf(context, options);
  const { machine } = await prepareMachine(context, options);
  const { explainEnd, identify, removeIdentity } = await import('@sluice/runner');
  const directory = workDirOf(context, options);
  try {
    await removeIdentity(directory);
    const { name, uuid } = await identify(
      {
        ...{ server, machine, directory },
        token: options.token,
        name: options.name ?? defaultName(),
        ephemeral: false,
      },
      context.interruption(),
    );
    context.terminal.print(`Registered as ${name} (${uuid}). Start it: sluice runner`);
  } catch (error) {
    const words = explainEnd(error);
    if (words === null) throw error;
    throw new CommandError(exitCodes.failed, words, { cause: error });
  }
}

async function list(context: Context, asJson: boolean): Promise<void> {
  const { results } = await (await context.client()).runners.list();
  if (asJson) {
    context.terminal.print(JSON.stringify(results));
    return;
  }
  if (results.length === 0) {
    context.terminal.note('There are no runners. Make a token: sluice runner token create');
    return;
  }
  const rows = results.map((one) => [
    ...[one.name, one.state, `${one.jobs.length}/${one.slots}`, `${one.os}/${one.arch}`],
    Object.entries(one.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    ...[one.version, one.last_seen_at ?? (one.embedded ? 'in the server' : 'never'), one.uuid],
  ]);
  const head = ['NAME', 'STATE', 'JOBS', 'MACHINE', 'LABELS', 'VERSION', 'LAST SEEN', 'UUID'];
  for (const line of table(head, rows)) context.terminal.print(line);
}
