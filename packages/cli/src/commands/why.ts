import type { Why } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { checkedOutCommit, selectApplication } from '../project/application.ts';
import { findPull } from '../pull-request/find.ts';
import { describeWhy } from '../pull-request/why.ts';
import { printable, table } from '../ui/table.ts';

interface Options {
  readonly environment?: string;
  readonly pullRequest?: string;
  readonly remoteId?: string;
  readonly json?: boolean;
}

export function registerWhy(program: Command, context: Context): void {
  program
    .command('why [commit]')
    .description('Say what became of a commit, or of pull request N (pr/N), and by which rule.')
    .option('--pull-request <number>', 'a pull request: the same as pr/N')
    .option(
      '--environment <slug>',
      'whether its newest passed commit is live (exit 0), or why not (1)',
    )
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .action(async (word: string | undefined, options: Options) => {
      if (options.environment !== undefined) {
        return environment(context, options.environment, word, options);
      }
      const number = options.pullRequest ?? /^pr\/(\d+)$/.exec(word ?? '')?.[1];
      if (number !== undefined) return pullRequest(context, number, options);
      const commit = word ?? (await checkedOutCommit(context.directory));
      if (commit === undefined) throw new CommandError(exitCodes.usage, 'Name a commit.');
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const why = await client.why(commit, application.uuid);
      if (options.json) context.terminal.print(JSON.stringify(why));
      else show(context, why);
    });
}

/** One line; the shell learns whether the newest passed commit is live. */
async function environment(
  context: Context,
  slug: string,
  word: string | undefined,
  { json, pullRequest: number, remoteId }: Options,
): Promise<void> {
  if (word !== undefined || number !== undefined) {
    throw new CommandError(exitCodes.usage, 'Ask for an environment or for a commit, not both.');
  }
  const client = await context.client();
  const { uuid } = await selectApplication(context, client, remoteId);
  const { applications } = await client.overview(uuid);
  const places = applications[0]?.environments ?? [];
  const place = places.find((one) => one.slug === slug);
  if (place === undefined) {
    const known = places.map((one) => one.slug).join(', ');
    const text = `There is no environment "${slug}". This application has: ${known || 'none'}.`;
    throw new CommandError(exitCodes.notFound, text);
  }
  context.terminal.print(json ? JSON.stringify(place) : printable(place.summary));
  if (!place.is_newest_passed) process.exitCode = exitCodes.failed;
}

async function pullRequest(context: Context, number: string, options: Options): Promise<void> {
  const { client, pull } = await findPull(context, number, options.remoteId);
  const why = await client.pullRequests.why(pull.uuid);
  const { terminal } = context;
  if (options.json) terminal.print(JSON.stringify(why));
  else for (const line of describeWhy(terminal, why)) terminal.print(line);
}

function show({ terminal }: Context, why: Why): void {
  const build = why.build === null ? 'no build' : `${why.build.state}  ${why.build.url ?? ''}`;
  terminal.print(`${terminal.style('bold', 'Commit')}  ${why.commit}`);
  terminal.print(`${terminal.style('bold', 'Build')}   ${build}`);
  const rows = why.environments.map((place) => [
    place.slug,
    place.state,
    place.rule ?? '',
    place.reason ?? '',
  ]);
  terminal.print('');
  for (const line of table(['ENVIRONMENT', 'STATE', 'RULE', 'REASON'], rows)) {
    terminal.print(line);
  }
}
