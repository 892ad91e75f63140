import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { selectApplication } from '../project/application.ts';

/** `ci enable|disable|status`: the switch of a repository's CI. */
export function registerCiSwitch(group: Command, context: Context): void {
  const option = ['--remote-id <id>', 'website id, uuid or slug'] as const;

  const set = async (active: boolean, remoteId: string | undefined) => {
    const client = await context.client();
    const application = await selectApplication(context, client, remoteId);
    await client.repositories.update(application.repository_uuid, { active });
    context.terminal.print(
      active
        ? `CI is on for ${application.slug}: every push builds .travis.yml.`
        : `CI is off for ${application.slug}: pushes do not build; deploy signals come from outside.`,
    );
  };

  group
    .command('enable')
    .description('Build every push by its .travis.yml.')
    .option(...option)
    .action((options: { remoteId?: string }) => set(true, options.remoteId));

  group
    .command('disable')
    .description('Do not build pushes; another CI service sends the deploy signals.')
    .option(...option)
    .action((options: { remoteId?: string }) => set(false, options.remoteId));

  group
    .command('status')
    .description('Say whether pushes are built.')
    .option(...option)
    .action(async (options: { remoteId?: string }) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const { active } = await client.repositories.get(application.repository_uuid);
      context.terminal.print(active ? 'on' : 'off');
    });
}
