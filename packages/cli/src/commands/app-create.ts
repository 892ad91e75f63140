import { type Client, type Repository, slugify } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { askToken } from '../ui/token.ts';
import { showApplication } from './app-show.ts';
import { firstFetch } from './repo.ts';

interface CreateOptions {
  readonly name?: string;
  readonly slug?: string;
  readonly organisation?: string;
  readonly branch?: string;
  readonly repository?: string;
  readonly username?: string;
  readonly token?: boolean;
  readonly json?: boolean;
}

export function registerAppCreate(app: Command, context: Context): void {
  app
    .command('create [name]')
    .description('Make an application with its repository and the environments test and live.')
    .option('-n, --name <name>', 'name, instead of the argument')
    .option('-s, --slug <slug>', 'short name for URLs (default: made from the name)')
    .option('-o, --organisation <uuid>', 'organisation (default: your first)')
    .option(
      '--branch <branch>',
      'branch that the environments track (default: main, or that of the repository)',
    )
    .option('--repository <url>', 'mirror this repository instead of hosting one')
    .option('--username <name>', 'with --repository: user name for https, where the host wants one')
    .option(
      '--token',
      'with --repository: ask for a token for https, or read it from standard input',
    )
    .option('--json', 'print JSON')
    .action(async (word: string | undefined, options: CreateOptions) => {
      const name = word ?? options.name;
      if (name === undefined) throw new CommandError(exitCodes.usage, 'Name the application.');
      const client = await context.client();
      const organisation = options.organisation ?? (await firstOrganisation(context));
      const source = await makeSource(client, organisation, options);
      const application = await client.applications.create({
        name,
        slug: options.slug ?? slugify(name),
        organisation,
        ...(options.branch === undefined ? {} : { branch: options.branch }),
        ...(source === null ? {} : { repository: source.uuid }),
      });
      const { results: environments } = await client.environments.list({
        application: application.uuid,
      });
      if (options.json) {
        context.terminal.print(
          JSON.stringify({
            id: application.id,
            uuid: application.uuid,
            slug: application.slug,
            git_url: application.git_url,
            environments: environments.map(({ slug, uuid, url, branch }) => ({
              slug,
              uuid,
              url,
              branch,
            })),
          }),
        );
      } else {
        context.terminal.note(`Created ${application.slug}.`);
        await showApplication(context, client, application);
        if (source === null) return;
        context.terminal.print('');
        await firstFetch(context, client, source, {});
      }
    });
}

/** The mirror that the application is given; it is fetched before, so that its default branch is known. */
async function makeSource(
  client: Client,
  organisation: string,
  options: CreateOptions,
): Promise<Repository | null> {
  if (options.repository === undefined) return null;
  const made = await client.sources.create({
    organisation,
    url: options.repository,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.token === true ? { password: await askToken() } : {}),
  });
  await client.sources.fetch(made.uuid);
  return made;
}

async function firstOrganisation(context: Context): Promise<string> {
  const { results } = await (await context.client()).organisations.list();
  const [first] = results;
  if (first === undefined) {
    throw new CommandError(
      exitCodes.notFound,
      'You belong to no organisation. Ask an administrator to add you to one.',
    );
  }
  return first.uuid;
}
