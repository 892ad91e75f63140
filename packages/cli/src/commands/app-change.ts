import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { selectApplication } from '../project/application.ts';
import { confirmByName } from '../ui/confirm.ts';

/** `app rename`, `app delete`, `app restore`. */
export function registerAppChange(app: Command, context: Context): void {
  app
    .command('rename <name>')
    .description("Change an application's name; slug and addresses stay.")
    .option('--remote-id <id>', 'website id, uuid or slug')
    .action(async (name: string, options: { remoteId?: string }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      await client.applications.update(application.uuid, { name });
      context.terminal.print(`${application.slug} is now called ${name}.`);
    });

  app
    .command('delete')
    .description('Delete an application. It can be restored until its grace period ends.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--yes', 'do not ask')
    .action(async (options: { remoteId?: string; yes?: boolean }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      await confirmByName(
        `This deletes ${application.name} (website id ${application.id}) with all its environments.`,
        application.slug,
        options.yes ?? false,
      );
      await client.applications.remove(application.uuid);
      context.terminal.print(
        `Deleted ${application.slug}. To undo: sluice app restore ${application.uuid}`,
      );
    });

  app
    .command('restore <uuid>')
    .description('Bring back a deleted application within its grace period.')
    .action(async (uuid: string) => {
      const application = await (await context.client()).applications.restore(uuid);
      context.terminal.print(`Restored ${application.slug}.`);
    });
}
