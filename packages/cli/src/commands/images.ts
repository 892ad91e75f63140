import type { Client, Image, ImagesCleaned } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { bytesText } from '../ui/bytes.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** `images list|remove|clean`. */
export function registerImages(program: Command, context: Context): void {
  const group = program
    .command('images')
    .description('What builds made and the runtime keeps of an application.');
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');

  verb('list', 'List the images with their size and what keeps them.')
    .option('--all', 'of every application, in sums (for administrators)')
    .action(async (options: Options) => {
      const client = await context.client();
      if (options.all) await listAll(context, client, options);
      else await list(context, client, options);
    });

  verb(
    'remove <image>',
    'Remove an image that nothing needs, by its id or the beginning of it.',
  ).action(async (image: string, options: Options) => {
    const client = await context.client();
    const found = await find(context, client, image, options);
    await client.images.remove(found.uuid);
    context.terminal.print(options.json ? JSON.stringify(found) : `Removed ${found.uuid}.`);
  });

  verb('clean', 'Remove the images that nothing needs. Each deployment does so at its end.')
    .option('--all', 'of every application (for administrators)')
    .option('--dry-run', 'only say what would go')
    .action(async (options: Options) => {
      const client = await context.client();
      const isDry = options.dryRun === true;
      const cleaned = options.all
        ? await client.images.cleanAll(isDry)
        : await client.images.clean(
            (await selectApplication(context, client, options.remoteId)).uuid,
            isDry,
          );
      if (options.json) context.terminal.print(JSON.stringify(cleaned));
      else sayCleaned(context, cleaned, isDry);
    });
}

async function list(context: Context, client: Client, options: Options): Promise<void> {
  const { terminal } = context;
  const { uuid } = await selectApplication(context, client, options.remoteId);
  const answer = await client.images.list(uuid);
  if (options.json) {
    terminal.print(JSON.stringify(answer));
    return;
  }
  if (answer.problem !== null) terminal.note(answer.problem);
  if (answer.results.length === 0) {
    terminal.note('No image yet: the first deployment builds one.');
    return;
  }
  const head = ['IMAGE', 'COMMIT', 'SIZE', 'MADE', 'KEPT FOR', 'IN'];
  for (const line of table(head, answer.results.map(row))) terminal.print(line);
  const { registry, keep_releases } = answer.policy;
  const where = registry === null ? '' : ` Pushed to ${registry}.`;
  terminal.note(
    `Kept: ${keep_releases} releases of each environment and the ${keep_releases} newest images.${where}`,
  );
}

async function listAll({ terminal }: Context, client: Client, options: Options): Promise<void> {
  const all = await client.images.all();
  if (options.json) {
    terminal.print(JSON.stringify(all));
    return;
  }
  if (all.problem !== null) terminal.note(all.problem);
  const rows = all.applications.map(({ key, application, images, size_bytes }) => [
    ...[key ?? `${application} (removed)`, String(images), sizeText(size_bytes)],
  ]);
  if (all.unknown.images > 0) {
    rows.push(['(unknown)', String(all.unknown.images), sizeText(all.unknown.size_bytes)]);
  }
  for (const line of table(['APPLICATION', 'IMAGES', 'SIZE'], rows)) terminal.print(line);
}

const row = (image: Image): string[] => [
  image.uuid.slice(0, 8),
  image.commit.slice(0, 12),
  sizeText(image.size_bytes),
  image.created_at.slice(0, 16).replace('T', ' '),
  image.kept_for ?? '-',
  [...new Set(image.releases.map((release) => release.environment_slug ?? '(removed)'))].join(', '),
];

const sizeText = (bytes: number | null): string => (bytes === null ? '?' : bytesText(bytes));

async function find(
  context: Context,
  client: Client,
  text: string,
  { remoteId }: Options,
): Promise<Image> {
  const { uuid } = await selectApplication(context, client, remoteId);
  const { results } = await client.images.list(uuid);
  const found = results.filter((one) => one.uuid.startsWith(text));
  const [first] = found;
  if (first === undefined) {
    throw new CommandError(exitCodes.notFound, `There is no image ${text}: sluice images list.`);
  }
  if (found.length > 1) {
    throw new CommandError(
      exitCodes.usage,
      `${found.length} images begin with ${text}; write more of it.`,
    );
  }
  return first;
}

function sayCleaned({ terminal }: Context, cleaned: ImagesCleaned, isDry: boolean): void {
  const { removed, freed_bytes, left, busy } = cleaned;
  for (const { uuid, commit } of removed) {
    terminal.print(`${isDry ? 'Would remove' : 'Removed'} ${uuid} of ${commit.slice(0, 12)}`);
  }
  if (removed.length === 0) terminal.note('There is nothing to remove.');
  else terminal.note(`${isDry ? 'It would free' : 'Freed'} up to ${bytesText(freed_bytes)}.`);
  if (left.length > 0)
    terminal.note(`Something still runs from ${left.join(', ')}; try again later.`);
  if (busy.length > 0) {
    terminal.note(`A deployment is changing ${busy.join(', ')}; it cleans up when it ends.`);
  }
}
