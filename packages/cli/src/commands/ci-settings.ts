import type { TravisSettingsChange } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectRepository } from '../project/repository.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly repo?: string;
  readonly json?: boolean;
}

const NAMES: readonly (keyof TravisSettingsChange)[] = [
  'build_pushes',
  'build_pull_requests',
  'maximum_number_of_builds',
  'auto_cancel_pushes',
  'auto_cancel_pull_requests',
];

/** `ci settings [NAME=value ...]`: how a repository is built. */
export function registerCiSettings(group: Command, context: Context): void {
  group
    .command('settings [assignments...]')
    .description(`Show how pushes are built, or change it: NAME=on|off, of ${NAMES.join(', ')}.`)
    .option('-r, --repo <slug>', 'repository as organisation/application')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--json', 'print JSON')
    .action(async (assignments: string[], options: Options) => {
      const change = Object.fromEntries(assignments.map(readAssignment)) as TravisSettingsChange;
      const client = await context.client();
      const { id } = await selectRepository(context, client, options);
      const settings =
        assignments.length === 0
          ? await client.repositorySettings.get(id)
          : await client.repositorySettings.update(id, change);
      if (options.json) {
        context.terminal.print(JSON.stringify(settings));
        return;
      }
      const rows = NAMES.map((name) => [name, shown(name, settings[name])]);
      for (const line of table(['SETTING', 'VALUE'], rows)) context.terminal.print(line);
    });
}

function shown(name: string, value: boolean | number): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return name === 'maximum_number_of_builds' && value === 0 ? 'no limit' : String(value);
}

function readAssignment(text: string): [string, string] {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if ((NAMES as readonly string[]).includes(name)) return [name, value];
  throw new CommandError(
    exitCodes.usage,
    `"${text}" is not NAME=value; the names are ${NAMES.join(', ')}.`,
  );
}
