import { slugify } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { showApplication } from './app-show.ts';

interface CreateOptions {
  readonly name?: string;
  readonly slug?: string;
  readonly organisation?: string;
  readonly branch?: string;
  readonly json?: boolean;
}

export function registerAppCreate(app: Command, context: Context): void {
  app
    .command('create [name]')
    .description('Make an application with its repository and the environments test and live.')
    .option('-n, --name <name>', 'name, instead of the argument')
    .option('-s, --slug <slug>', 'short name for URLs (default: made from the name)')
    .option('-o, --organisation <uuid>', 'organisation (default: your first)')
    .option('--branch <branch>', 'branch that the environments track', 'main')
    .option('--json', 'print JSON')
    .action(async (word: string | undefined, options: CreateOptions) => {
      const name = word ?? options.name;
      if (name === undefined) throw new CommandError(exitCodes.usage, 'Name the application.');
      const client = await context.client();
      const organisation = options.organisation ?? (await firstOrganisation(context));
      const application = await client.applications.create({
        name,
        slug: options.slug ?? slugify(name),
        organisation,
        branch: options.branch ?? 'main',
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
      }
    });
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
