import type { Backup } from '@sluice/contract';
import type { Command } from 'commander';
import { findService } from '../backups/services.ts';
import { download, sizeText, upload } from '../backups/transfer.ts';
import { watchBackup, watchRestore } from '../backups/watch.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { confirmByName } from '../ui/confirm.ts';
import { table } from '../ui/table.ts';
import { registerBackupSchedule } from './app-backup-schedule.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly env?: string;
  readonly notes?: string;
  readonly yes?: boolean;
  readonly type?: string;
  readonly prefix?: string;
  readonly output?: string;
  readonly detach?: boolean;
}

/** `app backups list|create|restore|download|upload|copy|remove|schedule`. */
export function registerAppBackups(app: Command, context: Context): void {
  const group = app
    .command('backups')
    .description("Backups of an environment's services: databases, caches, storage.");
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');
  const place = async (options: Options, slug: string) => {
    const client = await context.client();
    const application = await selectApplication(context, client, options.remoteId);
    return {
      client,
      application,
      environment: await selectEnvironment(client, application.uuid, slug),
    };
  };
  const say = (options: Options, value: unknown, text: string) =>
    context.terminal.print(options.json ? JSON.stringify(value) : text);

  verb('list [environment]', 'List the backups of an environment, newest first.').action(
    async (slug: string | undefined, options: Options) => {
      const { client, environment } = await place(options, slug ?? 'test');
      const { results } = await client.backups.list({ environment: environment.uuid });
      print(context, results, options);
    },
  );

  verb('create [environment]', 'Back up all services of an environment. Exits 1 if one fails.')
    .option('--notes <text>', 'what it is for')
    .option('--detach', 'do not wait for its end')
    .action(async (slug: string | undefined, options: Options) => {
      const { client, environment } = await place(options, slug ?? 'test');
      const begun = await client.backups.create({
        ...{ environment: environment.uuid, trigger: 'MANUAL', notes: options.notes ?? '' },
      });
      const made = options.detach ? begun : await watchBackup(context, client, begun.uuid);
      say(options, made, `${made.uuid}  ${made.state}  ${sizeText(made.size)}`);
    });

  verb('restore <backup> [environment]', 'Put a backup in the place of what services hold.')
    .option('-y, --yes', 'do not ask')
    .action(async (uuid: string, slug: string | undefined, options: Options) => {
      const client = await context.client();
      const backup = await client.backups.get(uuid);
      const all = await client.environments.list({ application: backup.application });
      const target = all.results.find((one) =>
        slug === undefined ? one.uuid === backup.environment : one.slug === slug,
      );
      if (target === undefined) {
        throw new CommandError(exitCodes.notFound, `There is no environment ${slug}.`);
      }
      await confirmByName(
        `This replaces ALL data of the services of ${target.slug} by the backup of ${backup.created_at}.`,
        target.slug,
        options.yes ?? false,
      );
      const begun = await client.backupRestores.create({ backup: uuid, environment: target.uuid });
      const done = await watchRestore(context, client, begun.uuid);
      say(options, done, `Restored ${target.slug}.`);
    });

  verb('download <backup>', 'Fetch a backup, one file for each service.')
    .option('-o, --output <file>', 'where to, for a backup of one service')
    .action(async (uuid: string, options: Options) => {
      const client = await context.client();
      const { uuid: wish } = await client.backupDownloads.create({ backup: uuid });
      const { results } = await client.backupDownloads.parts(wish);
      if (options.output !== undefined && results.length > 1) {
        const text = `The backup has ${results.length} parts: leave --output out.`;
        throw new CommandError(exitCodes.usage, text);
      }
      const fetched = [];
      for (const part of results) {
        if (part.download_url === null) {
          const why = part.errors || 'it is not finished yet';
          throw new CommandError(exitCodes.failed, `There is nothing to download: ${why}.`);
        }
        const got = await download(context, part.download_url, options.output);
        fetched.push(got);
        if (!options.json) context.terminal.print(`${got.path}  ${sizeText(got.bytes)}`);
      }
      if (options.json) context.terminal.print(JSON.stringify(fetched));
    });

  verb('upload <file> [environment]', 'Bring a dump as a backup, which can then be restored.')
    .option('--type <type>', 'DATABASE, CACHE or STORAGE', 'DATABASE')
    .option('--prefix <prefix>', 'of the service', 'DEFAULT')
    .option('--notes <text>', 'what it is')
    .action(async (file: string, slug: string | undefined, options: Options) => {
      const { client, environment } = await place(options, slug ?? 'test');
      const { type = 'DATABASE', prefix = 'DEFAULT', notes = '' } = options;
      const service = await findService(client, environment, type.toUpperCase(), prefix);
      const made = await bring(context, file, environment.uuid, service.uuid, notes);
      say(options, made, `${made.uuid}  ${sizeText(made.size)}`);
    });

  verb('copy <from> <to>', "Replace the data of one environment's services by another's.")
    .option('-y, --yes', 'do not ask')
    .action(async (from: string, to: string, options: Options) => {
      const { client, application, environment: source } = await place(options, from);
      const target = await selectEnvironment(client, application.uuid, to);
      await confirmByName(
        `This replaces ALL data of the services of ${target.slug} by those of ${source.slug}.`,
        target.slug,
        options.yes ?? false,
      );
      const begun = await client.backups.copy({ environment: source.uuid, to: target.uuid });
      const done = await watchRestore(context, client, begun.uuid);
      say(options, done, `Copied ${source.slug} to ${target.slug}.`);
    });

  verb('remove <backup>', 'Remove a backup and its data for good.')
    .option('-y, --yes', 'do not ask')
    .action(async (uuid: string, options: Options) => {
      const client = await context.client();
      const backup = await client.backups.get(uuid);
      const what = `This removes the backup of ${backup.created_at} for good.`;
      await confirmByName(what, uuid.slice(0, 8), options.yes ?? false);
      await client.backups.remove(uuid);
      say(options, backup, `Removed ${uuid}.`);
    });

  registerBackupSchedule(group, context);
}

/** A file as a finished backup of one service. */
export async function bring(
  context: Context,
  file: string,
  environment: string,
  service: string,
  notes: string,
  deleteAt: string | null = null,
): Promise<Backup> {
  const client = await context.client();
  const { uuid, results } = await client.backups.upload({
    ...{ environment, services: [service], notes, scheduled_for_deletion_at: deleteAt },
  });
  const address = results[service];
  if (address === undefined) throw new CommandError(exitCodes.failed, 'The server took no upload.');
  const { url, max_file_size: limit } = address.upload_parameters;
  await upload(context, file, { url, limit, finish: address.finish_url });
  return watchBackup(context, client, uuid);
}

function print({ terminal }: Context, backups: readonly Backup[], { json }: Options): void {
  if (json) {
    terminal.print(JSON.stringify(backups));
    return;
  }
  if (backups.length === 0) {
    terminal.note('There are none yet: sluice app backups create');
    return;
  }
  const rows = backups.map((backup) => [
    backup.uuid,
    backup.created_at.slice(0, 16).replace('T', ' '),
    backup.success ?? backup.state,
    sizeText(backup.size),
    backup.trigger,
    backup.parts.map(({ kind }) => kind).join(' '),
    backup.notes,
  ]);
  const heads = ['ID', 'MADE', 'STATE', 'SIZE', 'TRIGGER', 'SERVICES', 'NOTES'];
  for (const line of table(heads, rows)) terminal.print(line);
}
