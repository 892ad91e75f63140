import type { Client, TravisEnvVar } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectRepository } from '../project/repository.ts';
import { askSecret } from '../ui/confirm.ts';
import { noteShortSecrets } from '../ui/short-secrets.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly repo?: string;
  readonly branch?: string;
  readonly public?: boolean;
  readonly private?: boolean;
  readonly raw?: boolean;
  readonly json?: boolean;
}

/** `env list|set|unset`: variables that a repository's settings give to its jobs. */
export function registerEnv(program: Command, context: Context): void {
  const group = program
    .command('env')
    .description("Variables for the jobs of a repository's builds, outside of its .travis.yml.");
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('-r, --repo <slug>', 'repository as organisation/application')
      .option('--remote-id <id>', 'website id, uuid or slug of the application');

  verb('list', 'List the variables, values as shell text. Private values are never shown.')
    .option('--json', 'print JSON')
    .action(async (options: Options) => list(context, options));

  verb(
    'set <assignments...>',
    'Set variables: NAME=value ... A NAME alone asks for its value, or reads it from standard input.',
  )
    .option('--private', 'a secret: masked in logs and never shown (default for a new one)')
    .option('--public', 'shown in logs, and seen by conditions')
    .option('--branch <name>', 'only for builds of this branch')
    .option('--raw', 'values are shell text: quotes and $NAME mean what they mean to the shell')
    .action(async (assignments: string[], options: Options) => set(context, assignments, options));

  verb('unset <names...>', 'Remove variables.')
    .option('--branch <name>', 'the one for builds of this branch')
    .action(async (names: string[], options: Options) => unset(context, names, options));
}

async function list(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const { terminal } = context;
  const variables = await client.repositoryVariables.list(await numberOf(context, client, options));
  if (options.json) {
    terminal.print(JSON.stringify(variables));
    return;
  }
  if (variables.length === 0) {
    terminal.note('There are no variables.');
    return;
  }
  const rows = variables.map(({ name, value, branch }) => [
    name,
    value ?? '[secure]',
    branch ?? '(every branch)',
  ]);
  for (const line of table(['NAME', 'VALUE', 'BRANCH'], rows)) terminal.print(line);
}

async function set(
  context: Context,
  assignments: readonly string[],
  options: Options,
): Promise<void> {
  if (options.public && options.private) {
    throw new CommandError(exitCodes.usage, 'Use --public or --private, not both.');
  }
  const pairs: { name: string; value: string }[] = [];
  for (const text of assignments) pairs.push(await readPair(text));
  const client = await context.client();
  const repository = await numberOf(context, client, options);
  const present = await client.repositoryVariables.list(repository);
  const branch = options.branch ?? null;
  const shown = options.public ? { public: true } : options.private ? { public: false } : {};
  for (const { name, value } of pairs) {
    const fields = { ...shown, value: options.raw ? value : shellQuoted(value) };
    const before = find(present, name, branch);
    if (before === undefined) {
      await client.repositoryVariables.create(repository, { name, branch, ...fields });
    } else {
      await client.repositoryVariables.update(repository, before.id, fields);
    }
  }
  const isPublic = (name: string) =>
    options.public ?? (!options.private && find(present, name, branch)?.public === true);
  const secrets = pairs.flatMap(({ name, value }) => (isPublic(name) ? [] : [value]));
  noteShortSecrets(context.terminal, secrets);
  context.terminal.print(`Set ${pairs.map(({ name }) => name).join(', ')} for the next jobs.`);
}

async function unset(context: Context, names: readonly string[], options: Options): Promise<void> {
  const client = await context.client();
  const repository = await numberOf(context, client, options);
  const present = await client.repositoryVariables.list(repository);
  const found = names.map((name) => {
    const variable = find(present, name, options.branch ?? null);
    if (variable !== undefined) return variable;
    const branches = present.flatMap((one) => (one.name === name ? [one.branch ?? 'every'] : []));
    const hint = branches.length === 0 ? '' : ` There is one for: ${branches.join(', ')}.`;
    const where = options.branch === undefined ? 'for every branch' : `for ${options.branch}`;
    throw new CommandError(
      exitCodes.notFound,
      `There is no variable ${name} ${where}.${hint} Name the branch with --branch.`,
    );
  });
  for (const { id } of found) await client.repositoryVariables.remove(repository, id);
  context.terminal.print(`Removed ${names.join(', ')}.`);
}

const find = (variables: readonly TravisEnvVar[], name: string, branch: string | null) =>
  variables.find((one) => one.name === name && one.branch === branch);

async function numberOf(context: Context, client: Client, options: Options): Promise<number> {
  return (await selectRepository(context, client, options)).id;
}

/** A value on the command line is seen by other users of the machine and by the shell's history. */
async function readPair(text: string): Promise<{ name: string; value: string }> {
  const at = text.indexOf('=');
  if (at > 0) return { name: text.slice(0, at), value: text.slice(at + 1) };
  if (!/^\w+$/.test(text)) {
    throw new CommandError(exitCodes.usage, `"${text}" is neither NAME=value nor NAME.`);
  }
  return { name: text, value: await askSecret(`Value of ${text}: `) };
}

/** Shell text that means exactly `value`. */
function shellQuoted(value: string): string {
  if (value !== '' && /^[\w@%+=:,./-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", "'\\''")}'`;
}
