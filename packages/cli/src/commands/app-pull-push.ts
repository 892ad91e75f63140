import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { findService } from '../backups/services.ts';
import { download, sizeText } from '../backups/transfer.ts';
import { watchBackup, watchRestore } from '../backups/watch.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { confirmByName } from '../ui/confirm.ts';
import { bring } from './app-backups.ts';

interface Options {
  readonly remoteId?: string;
  readonly output?: string;
  readonly dumpfile?: string;
  readonly noinput?: boolean;
}

const HOUR_MS = 60 * 60_000;
const TYPES = { db: 'DATABASE', media: 'STORAGE' } as const;
const FILES = { db: 'data.dump', media: 'media.tar.gz' } as const;

/**
 * `app pull db|media [environment] [prefix]` and `app push`: the divio client's grammar, but to and from a file: what is done with it
 * on this machine is yours.
 */
export function registerAppPullPush(app: Command, context: Context): void {
  const pull = app.command('pull').description("Fetch an environment's data into a file.");
  const push = app.command('push').description("Replace an environment's data by a file.");

  for (const what of ['db', 'media'] as const) {
    const name = what === 'db' ? 'database' : 'files';
    pull
      .command(`${what} [environment] [prefix]`)
      .description(
        `Fetch the ${name} of an environment (default: test) into .divio/${FILES[what]}.`,
      )
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('-o, --output <file>', 'another file')
      .action(async (slug = 'test', prefix = 'DEFAULT', options: Options) => {
        const { client, environment, service } = await place(what, slug, prefix, options);
        const begun = await client.backups.create({
          ...{ environment: environment.uuid, services: [service.uuid], trigger: 'MANUAL' },
          ...{ notes: 'sluice pull', scheduled_for_deletion_at: inAnHour() },
        });
        await watchBackup(context, client, begun.uuid);
        const { uuid } = await client.backupDownloads.create({ backup: begun.uuid });
        const url = (await client.backupDownloads.parts(uuid)).results[0]?.download_url ?? null;
        if (url === null) throw new CommandError(exitCodes.failed, 'There is nothing to download.');
        const target = options.output ?? join('.divio', FILES[what]);
        await mkdir(dirname(resolve(context.directory, target)), { recursive: true });
        const { path, bytes } = await download(context, url, target);
        context.terminal.print(`${path}  ${sizeText(bytes)}`);
      });

    push
      .command(`${what} [environment] [prefix]`)
      .description(`Replace ALL ${name} of an environment (default: test) by a file.`)
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('-d, --dumpfile <file>', `default: .divio/${FILES[what]}`)
      .option('--noinput', 'do not ask')
      .action(async (slug = 'test', prefix = 'DEFAULT', options: Options) => {
        const { client, environment, service } = await place(what, slug, prefix, options);
        await confirmByName(
          `This replaces ALL ${name} of ${environment.slug}.`,
          environment.slug,
          options.noinput ?? false,
        );
        const file = options.dumpfile ?? join('.divio', FILES[what]);
        const { uuid: at } = environment;
        const made = await bring(context, file, at, service.uuid, 'sluice push', inAnHour());
        const begun = await client.backupRestores.create({ backup: made.uuid });
        await watchRestore(context, client, begun.uuid);
        context.terminal.print(`Replaced the ${name} of ${environment.slug}.`);
      });
  }

  const place = async (
    what: keyof typeof TYPES,
    slug: string,
    prefix: string,
    { remoteId }: Options,
  ) => {
    const client = await context.client();
    const application = await selectApplication(context, client, remoteId);
    const environment = await selectEnvironment(client, application.uuid, slug);
    const service = await findService(client, environment, TYPES[what], prefix);
    return { client, environment, service };
  };
}

const inAnHour = (): string => new Date(Date.now() + HOUR_MS).toISOString();
