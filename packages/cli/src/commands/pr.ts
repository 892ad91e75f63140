import type { MergeMethod, PullRequest } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { currentBranch, fetchAndCheckout } from '../project/branch.ts';
import { describePull, mergeLine, stateOf } from '../pull-request/describe.ts';
import { printDiff } from '../pull-request/diff.ts';
import { findPull } from '../pull-request/find.ts';
import { printable, table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly state?: string;
  readonly head?: string;
  readonly base?: string;
  readonly title?: string;
  readonly description?: string;
  readonly draft?: boolean;
  readonly squash?: boolean;
  readonly rebase?: boolean;
  readonly merge?: boolean;
  readonly whenGreen?: boolean;
  readonly message?: string;
  readonly stat?: boolean;
}

/** `pr create|list|show|diff|checkout|comment|test|merge|close|reopen|approve`. */
export function registerPr(program: Command, context: Context): void {
  const group = program.command('pr').description('Pull requests.');
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');
  const { terminal } = context;

  verb('create', 'Open a pull request from a branch that was pushed (default: this one).')
    .option('--head <branch>', 'the branch with the changes')
    .option('--base <branch>', 'the branch that is to get them; default: the default branch')
    .option('--title <text>', "default: the first line of the newest commit's message")
    .option('--description <text>', 'why')
    .option('--draft', 'not to be merged yet')
    .action((options: Options) => create(context, options));

  verb('list', 'List pull requests, the newest first.')
    .option('--state <state>', 'open, merged, closed or all', 'open')
    .action((options: Options) => list(context, options));

  verb(
    'show <number>',
    'Show a pull request: its build, whether it can be merged, its comments.',
  ).action(async (number: string, options: Options) => {
    const { client, pull } = await findPull(context, number, options.remoteId);
    const { comments } = await client.pullRequests.comments(pull.uuid);
    if (options.json) terminal.print(JSON.stringify({ ...pull, comments }));
    else for (const line of describePull(terminal, pull, comments)) terminal.print(line);
  });

  verb('diff <number>', 'Show what a pull request changes.')
    .option('--stat', 'only the files')
    .action(async (number: string, options: Options) => {
      const { client, pull } = await findPull(context, number, options.remoteId);
      const diff = await client.pullRequests.diff(pull.uuid);
      if (options.json) terminal.print(JSON.stringify(diff));
      else printDiff(terminal, diff, options.stat ?? false);
    });

  verb('checkout <number>', "Fetch a pull request's branch and check it out.").action(
    async (number: string, options: Options) => {
      const { pull } = await findPull(context, number, options.remoteId);
      const branch = await fetchAndCheckout(context.directory, await context.address(), pull);
      terminal.print(`On branch ${branch}, at ${pull.head.sha.slice(0, 10)}`);
    },
  );

  verb('comment <number> <text>', 'Write a comment.').action(
    async (number: string, text: string, options: Options) => {
      const { client, pull } = await findPull(context, number, options.remoteId);
      const comment = await client.pullRequests.comment(pull.uuid, text);
      terminal.print(options.json ? JSON.stringify(comment) : `Commented on #${pull.number}`);
    },
  );

  verb('test <number>', 'Build it again, merged with its base as that is now.').action(
    async (number: string, options: Options) => {
      const { client, pull } = await findPull(context, number, options.remoteId);
      tell(context, await client.pullRequests.testAgain(pull.uuid), options);
    },
  );

  verb('merge <number>', "Merge a pull request, by the application's method unless one is named.")
    .option('--merge', 'with a merge commit')
    .option('--squash', 'as one commit')
    .option('--rebase', 'each commit again, on top of the base')
    .option('--message <text>', 'of the merge or squash commit')
    .option('--when-green', 'as soon as a build of it, merged with the base of then, has passed')
    .action((number: string, options: Options) => merge(context, number, options));

  verb('close <number>', 'Close a pull request without merging it.').action(
    async (number: string, options: Options) => update(context, number, options, 'closed'),
  );
  verb('reopen <number>', 'Open a closed pull request again.').action(
    async (number: string, options: Options) => update(context, number, options, 'open'),
  );
  verb('approve <number>', 'Let the builds of its author run, without secrets.').action(
    async (number: string, options: Options) => {
      const { client, pull } = await findPull(context, number, options.remoteId);
      tell(context, await client.pullRequests.approve(pull.uuid), options);
    },
  );
}

async function create(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const { uuid } = await selectApplication(context, client, options.remoteId);
  const head = options.head ?? (await currentBranch(context.directory));
  if (head === undefined) {
    throw new CommandError(exitCodes.usage, 'Name the branch with --head, or check it out.');
  }
  const pull = await client.pullRequests.create({
    ...{ application: uuid, head },
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.draft === true ? { draft: true } : {}),
  });
  if (options.json) context.terminal.print(JSON.stringify(pull));
  else {
    context.terminal.print(`Opened #${pull.number}: ${printable(pull.title)}`);
    context.terminal.note(mergeLine(pull));
  }
}

async function list(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const { uuid } = await selectApplication(context, client, options.remoteId);
  const state = options.state === 'all' ? {} : { state: options.state ?? 'open' };
  const { results } = await client.pullRequests.list({ application: uuid, ...state });
  const { terminal } = context;
  if (options.json) {
    terminal.print(JSON.stringify(results));
    return;
  }
  if (results.length === 0) {
    terminal.note('No pull requests. Push a branch and open one with: sluice pr create');
    return;
  }
  const rows = results.map((pull) => [
    `#${pull.number}`,
    stateOf(pull),
    pull.build?.state ?? '-',
    pull.head.ref,
    pull.author,
    pull.title,
  ]);
  for (const line of table(['', 'STATE', 'BUILD', 'BRANCH', 'AUTHOR', 'TITLE'], rows)) {
    terminal.print(line);
  }
}

async function merge(context: Context, number: string, options: Options): Promise<void> {
  const named = (['merge', 'squash', 'rebase'] as const).filter((one) => options[one] === true);
  if (named.length > 1) {
    throw new CommandError(exitCodes.usage, 'Name one of --merge, --squash and --rebase.');
  }
  const method: MergeMethod | undefined = named[0];
  const { client, pull } = await findPull(context, number, options.remoteId);
  const after = await client.pullRequests.merge(pull.uuid, {
    head: pull.head.sha,
    ...(method === undefined ? {} : { method }),
    ...(options.message === undefined ? {} : { message: options.message }),
    ...(options.whenGreen === true ? { when_green: true } : {}),
  });
  tell(context, after, options);
}

async function update(
  context: Context,
  number: string,
  options: Options,
  state: 'open' | 'closed',
): Promise<void> {
  const { client, pull } = await findPull(context, number, options.remoteId);
  tell(context, await client.pullRequests.update(pull.uuid, { state }), options);
}

function tell({ terminal }: Context, pull: PullRequest, { json }: Options): void {
  terminal.print(json ? JSON.stringify(pull) : `#${pull.number} ${mergeLine(pull)}`);
}
