import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { collect } from '../options.ts';
import { table } from '../ui/table.ts';

interface Options {
  readonly image: string[];
  readonly json?: boolean;
}

/** `runner images`: which image the jobs of a language run in with `--executor docker`. */
export function registerRunnerImages(group: Command, context: Context): void {
  group
    .command('images')
    .description('List the table of images that jobs run in with --executor docker.')
    .option(
      '--image <row>',
      'LANGUAGE[:VERSION]=IMAGE, as the runner or the setting job_images has it; may be repeated',
      collect,
      [],
    )
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const { imageTable } = await import('@sluice/runner');
      const { terminal } = context;
      let rows: ReturnType<typeof imageTable>;
      try {
        rows = imageTable(options.image);
      } catch (error) {
        throw new CommandError(
          exitCodes.usage,
          error instanceof Error ? error.message : `${error}`,
        );
      }
      if (options.json) {
        const shown = rows.map(({ language, version, image, isBuiltIn }) => ({
          ...{ language, version, image, built_in: isBuiltIn },
        }));
        terminal.print(JSON.stringify(shown));
        return;
      }
      const lines = rows.map(({ language, version, image, isBuiltIn }) => [
        ...[language, version === '' ? '(none named)' : version, image],
        isBuiltIn ? 'built in' : '--image',
      ]);
      for (const line of table(['LANGUAGE', 'VERSION', 'IMAGE', 'FROM'], lines))
        terminal.print(line);
      terminal.note(
        'The first row that fits counts; * stands for any text, {*} for what it stood for.',
      );
    });
}
