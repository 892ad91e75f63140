import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly cron?: string;
  readonly daily?: string;
  readonly keep?: string;
  readonly keepDays?: string;
  readonly remove?: string;
}

/** `app backups schedule [environment]`: shows the schedules, makes one, ends one. */
export function registerBackupSchedule(group: Command, context: Context): void {
  group
    .command('schedule [environment]')
    .description('Back up an environment by the clock (UTC); without options: list the schedules.')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .option('--daily <hour>', 'every day at this hour, 0 to 23')
    .option('--cron <fields>', 'five fields, such as "30 2 * * 1"')
    .option('--keep <n>', 'keep so many of them')
    .option('--keep-days <n>', 'keep them for so many days')
    .option('--remove <schedule>', 'end one; the backups that it made stay')
    .action(async (slug: string | undefined, options: Options) => {
      const client = await context.client();
      const { terminal } = context;
      if (options.remove !== undefined) {
        await client.backupSchedules.remove(options.remove);
        terminal.print(options.json ? '{}' : `Ended ${options.remove}.`);
        return;
      }
      const application = await selectApplication(context, client, options.remoteId);
      const environment = await selectEnvironment(client, application.uuid, slug ?? 'test');
      const cron = cronOf(options);
      if (cron !== null) {
        const made = await client.backupSchedules.create({
          ...{ environment: environment.uuid, cron },
          keep_count: numberOf('--keep', options.keep),
          keep_days: numberOf('--keep-days', options.keepDays),
        });
        terminal.print(
          options.json
            ? JSON.stringify(made)
            : `${made.uuid}  ${made.cron}  next at ${made.next_at}`,
        );
        return;
      }
      const { results } = await client.backupSchedules.list({ environment: environment.uuid });
      if (options.json) {
        terminal.print(JSON.stringify(results));
        return;
      }
      if (results.length === 0) {
        terminal.note('There is none yet: sluice app backups schedule live --daily 3 --keep 14');
        return;
      }
      const rows = results.map((one) => [
        ...[one.uuid, one.cron, one.next_at.slice(0, 16).replace('T', ' ')],
        ...[String(one.keep_count ?? '-'), String(one.keep_days ?? '-')],
      ]);
      for (const line of table(['ID', 'CRON', 'NEXT', 'KEEP', 'DAYS'], rows)) terminal.print(line);
    });
}

function cronOf({ cron, daily }: Options): string | null {
  if (cron !== undefined && daily !== undefined) {
    throw new CommandError(exitCodes.usage, 'Give --daily or --cron, not both.');
  }
  if (daily === undefined) return cron ?? null;
  const hour = numberOf('--daily', daily) ?? 0;
  if (hour > 23) throw new CommandError(exitCodes.usage, '--daily takes an hour from 0 to 23.');
  return `0 ${hour} * * *`;
}

function numberOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new CommandError(exitCodes.usage, `${option} takes a whole number, not "${text}".`);
}
