import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { runShell } from '../shell/connection.ts';
import { openLocalTerminal } from '../shell/local-terminal.ts';

interface ExecOptions {
  readonly environment: string;
  readonly remoteId?: string;
  readonly tty?: boolean;
}

/** `app exec`: a shell or a command in the surroundings of what is live. */
export function registerAppExec(app: Command, context: Context): void {
  app
    .command('exec [command...]')
    .description(
      'Open a shell, or run a command, with the code and the variables of what is live. It runs beside the instances, ' +
        'and is ended when you go away. The exit code is its own.',
    )
    .option('-e, --environment <slug>', 'environment', 'test')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--tty', 'with a terminal, also where input or output is none')
    .option('--no-tty', 'without a terminal, also in one')
    .addHelpText(
      'after',
      [
        '',
        'Put -- before a command with options of its own:',
        '  sluice app exec -e live -- python manage.py shell',
        '  sluice app exec -- sh -c \'pg_dump "$DATABASE_URL"\' > dump.sql',
      ].join('\n'),
    )
    .action(async (command: string[], options: ExecOptions) => {
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const { uuid } = await selectEnvironment(client, application.uuid, options.environment);
      const login = await context.login();
      const local = openLocalTerminal(process, options.tty);
      process.exitCode = await runShell({ ...login, environmentUuid: uuid, command }, local);
    });
}
