import { homedir } from 'node:os';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { table } from '../ui/table.ts';

/** `ci toolchains`: what jobs find on this machine. */
export function registerCiToolchains(group: Command, context: Context): void {
  group
    .command('toolchains')
    .description('List the languages that jobs find on this machine.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const { discoverToolchains } = await import('@sluice/runner');
      const { environment, terminal } = context;
      const found = await discoverToolchains({
        home: environment['HOME'] || homedir(),
        path: environment['PATH'] ?? '',
      });
      if (options.json) {
        terminal.print(JSON.stringify(found));
        return;
      }
      const rows = found.map(({ tool, flavour, version, program, source }) => [
        flavour === tool ? tool : `${tool} (${flavour})`,
        version,
        program,
        source,
      ]);
      for (const line of table(['TOOL', 'VERSION', 'PROGRAM', 'FROM'], rows)) terminal.print(line);
    });
}
