import type { Why } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { checkedOutCommit, selectApplication } from '../project/application.ts';
import { findPull } from '../pull-request/find.ts';
import { describeWhy } from '../pull-request/why.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly pullRequest?: string;
  readonly remoteId?: string;
  readonly json?: boolean;
}

export function registerWhy(program: Command, context: Context): void {
  program
    .command('why [commit]')
    .description('Say what became of a commit, or of pull request N (pr/N), and by which rule.')
    .option('--pull-request <number>', 'a pull request: the same as pr/N')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .action(async (word: string | undefined, options: Options) => {
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
