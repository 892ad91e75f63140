import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { pause } from '../patience.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly environment: string;
}

/** `app cron list|add|remove|run`. */
export function registerAppCron(app: Command, context: Context): void {
  const group = app
    .command('cron')
    .description('Commands on a schedule, in what is live. Changes take effect with a deployment.');
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('-e, --environment <slug>', 'environment', 'test')
      .option('--remote-id <id>', 'website id, uuid or slug')
      .option('--json', 'print JSON');
  const jobsOf = async (options: Options) => {
    const client = await context.client();
    const application = await selectApplication(context, client, options.remoteId);
    const { uuid } = await selectEnvironment(client, application.uuid, options.environment);
    return { client, uuid, jobs: (await client.cron.list(uuid)).results };
  };
  /** By its uuid, or as much of its beginning as is clear. */
  const find = async (text: string, options: Options) => {
    const { client, jobs } = await jobsOf(options);
    const found = jobs.filter(({ uuid }) => uuid.startsWith(text));
    const [job] = found;
    if (found.length === 1 && job !== undefined) return { client, job };
    throw new CommandError(
      exitCodes.notFound,
      `${found.length === 0 ? 'No' : 'More than one'} cron job of ${options.environment} begins with ${text}. See: sluice app cron list`,
    );
  };

  verb('list', 'List the cron jobs, when they run next and how they ran last.').action(
    async (options: Options) => {
      const { jobs } = await jobsOf(options);
      const { terminal } = context;
      if (options.json) {
        terminal.print(JSON.stringify(jobs));
      } else if (jobs.length === 0) {
        terminal.note('No cron jobs. Add one with: sluice app cron add "*/10 * * * *" -- COMMAND');
      } else {
        const rows = jobs.map((job) => [
          job.uuid.slice(0, 8),
          job.schedule,
          job.next_run_at ?? 'after a deployment',
          job.last_run === null
            ? '-'
            : `${job.last_run.started_at} ${job.last_run.outcome ?? 'running'}`,
          job.command,
        ]);
        const head = ['ID', 'SCHEDULE (UTC)', 'NEXT', 'LAST', 'COMMAND'];
        for (const line of table(head, rows)) terminal.print(line);
      }
    },
  );

  verb('add <schedule> <command...>', 'Add a cron job, such as: "*/10 * * * *" -- sh -c "..."')
    .addHelpText(
      'after',
      '\nFive fields in UTC (minute, hour, day of month, month, day of week), or @hourly, @daily.',
    )
    .action(async (schedule: string, words: string[], options: Options) => {
      const { client, uuid } = await jobsOf(options);
      const command = words.length === 1 ? (words[0] ?? '') : words.map(quoteWord).join(' ');
      const made = await client.cron.create({ environment: uuid, command, schedule });
      context.terminal.print(
        options.json
          ? JSON.stringify(made)
          : `Added ${made.uuid}. It runs after the next deployment: sluice app deploy ${options.environment}`,
      );
    });

  verb('remove <id>', 'Remove a cron job.').action(async (id: string, options: Options) => {
    const { client, job } = await find(id, options);
    await client.cron.remove(job.uuid);
    context.terminal.print(
      `Removed. It ends with the next deployment: sluice app deploy ${options.environment}`,
    );
  });

  verb('run <id>', 'Run a cron job now and wait for its end; exit code 1 when it failed.').action(
    async (id: string, options: Options) => {
      const { client, job } = await find(id, options);
      const { uuid } = await client.cron.run(job.uuid);
      for (;;) {
        const run = (await client.cron.runs(job.uuid)).find((one) => one.uuid === uuid);
        if (run?.outcome != null) {
          context.terminal.print(
            options.json ? JSON.stringify(run) : `${run.outcome} ${run.detail ?? ''}`.trim(),
          );
          if (run.outcome !== 'done') process.exitCode = exitCodes.failed;
          return;
        }
        await pause(500);
      }
    },
  );
}

const quoteWord = (word: string): string =>
  /^[\w@%+:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
