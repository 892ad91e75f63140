import {
  type ConditionData,
  ConditionError,
  ConfigError,
  describe,
  evaluateCondition,
  lint,
  type Message,
  type Plan,
  parseCondition,
  plan,
} from '@sluice/travis-config';
import type { Command } from 'commander';
import { distinctions } from '../config/axes.ts';
import { asData, conditionData, type DataOptions, parseData } from '../config/condition-data.ts';
import { answerBatch, type BatchLine, readInput, textField } from '../config/input.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { collect, eventOption } from '../options.ts';
import { table } from '../ui/table.ts';

interface OutputOptions {
  readonly json?: boolean;
  readonly batch?: boolean;
}

/** `config lint|plan|eval`: what a `.travis.yml` means, without a server. */
export function registerConfig(program: Command, context: Context): void {
  const group = program
    .command('config')
    .description('Check a .travis.yml and see what it means, without a server.');

  group
    .command('lint [file]')
    .description(
      'Say what is wrong in a file (default .travis.yml, - for standard input); exit 1 on errors.',
    )
    .option('--json', 'print JSON')
    .option('--batch', 'standard input has one {"id", "input"} a line')
    .action(async (file: string | undefined, options: OutputOptions) => {
      if (options.batch) {
        await answerBatch((line) => ({ ...lint(textField(line, 'input')) }));
      } else {
        await lintFile(context, file, options);
      }
    });

  group
    .command('plan [file]')
    .description('Show the stages and jobs that a file makes for a build.')
    .addOption(eventOption())
    .option('--branch <branch>', 'branch of the build')
    .option('--tag <tag>', 'tag of the build')
    .option('--repo <slug>', 'repository as organisation/application')
    .option('--commit-message <text>', "the commit's message")
    .option(
      '--env <assignment>',
      'a variable NAME=value of the settings; may be repeated',
      collect,
      [],
    )
    .option('--data <json>', 'all variables of conditions, as JSON')
    .option('--no-defaults', 'leave out values that nobody wrote')
    .option('--json', 'print JSON')
    .option('--batch', 'standard input has one {"id", "input", "data"?, "defaults"?} a line')
    .action(
      async (
        file: string | undefined,
        options: OutputOptions & DataOptions & { defaults: boolean },
      ) => {
        if (options.batch) {
          await answerBatch(planLine);
        } else {
          await planFile(context, file, options);
        }
      },
    );

  group
    .command('eval [condition]')
    .description('Evaluate a condition: prints true or false; exit 2 when it cannot be parsed.')
    .option('--data <json>', 'variables, such as {"branch": "main", "env": {"A": "1"}}')
    .option('--batch', 'standard input has one {"id", "condition", "data"} a line')
    .action(async (condition: string | undefined, options: OutputOptions & { data?: string }) => {
      if (options.batch) {
        await answerBatch((line) => ({
          result: evaluate(textField(line, 'condition'), asData(line['data'])),
        }));
        return;
      }
      if (condition === undefined) throw new CommandError(exitCodes.usage, 'Name a condition.');
      const text = condition === '-' ? (await readInput('-')).text.trim() : condition;
      try {
        context.terminal.print(String(evaluate(text, parseData(options.data))));
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        throw new CommandError(exitCodes.usage, error.message);
      }
    });
}

function planLine(line: BatchLine): Record<string, unknown> {
  const data = asData(line['data']) as ConditionData;
  try {
    return { ...plan(textField(line, 'input'), data, { defaults: line['defaults'] !== false }) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Error(`${error.message} (line ${error.line}, column ${error.column})`);
  }
}

function evaluate(condition: string, data: Record<string, unknown>): boolean {
  return evaluateCondition(parseCondition(condition), data as ConditionData);
}

async function lintFile(
  context: Context,
  file: string | undefined,
  options: OutputOptions,
): Promise<void> {
  const { name, text } = await readInput(file);
  const result = lint(text);
  if (options.json) {
    context.terminal.print(JSON.stringify(result));
  } else {
    if (result.error !== undefined) {
      const { line, column, message } = result.error;
      context.terminal.print(`${name}:${line}:${column}: error: ${message}`);
    }
    for (const message of result.messages) printMessage(context, name, message);
    if (result.ok && result.messages.length === 0) {
      context.terminal.note(
        context.terminal.styleNote('green', `${name}: nothing to complain about.`),
      );
    }
  }
  if (!result.ok) process.exitCode = exitCodes.failed;
}

function printMessage({ terminal }: Context, name: string, message: Message): void {
  const colour = { alert: 'red', error: 'red', warn: 'yellow', info: 'dim' } as const;
  const level = terminal.style(colour[message.level], message.level);
  const file = message.source ?? name;
  terminal.print(
    `${file}:${message.line}:${message.column}: ${level}: ${message.key}: ${describe(message)} (${message.code})`,
  );
}

async function planFile(
  context: Context,
  file: string | undefined,
  options: OutputOptions & DataOptions & { defaults: boolean },
): Promise<void> {
  const { name, text } = await readInput(file);
  let planned: Plan;
  try {
    planned = plan(text, conditionData(options), { defaults: options.defaults });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, message, line, column } = error;
    if (!options.json) {
      throw new CommandError(exitCodes.failed, `${name}:${line}:${column}: ${message}`);
    }
    context.terminal.print(JSON.stringify({ error: { code, message, line, column } }));
    process.exitCode = exitCodes.failed;
    return;
  }
  if (options.json) context.terminal.print(JSON.stringify(planned));
  else printPlan(context, planned);
}

function printPlan({ terminal }: Context, planned: Plan): void {
  if (planned.refused !== undefined) {
    terminal.note(
      terminal.styleNote('yellow', `The service would not build this: ${planned.refused}.`),
    );
  }
  if (planned.jobs.length === 0) {
    const why = 'The matrix is empty: the service would end this build as errored.';
    terminal.note(terminal.styleNote('yellow', why));
  }
  const differences = distinctions(planned.jobs);
  const rows = planned.jobs.map((job, index) => [
    String(index + 1),
    String(job['stage'] ?? ''),
    String(job['name'] ?? ''),
    differences[index] ?? '',
    job['allow_failure'] === true ? 'may fail' : '',
  ]);
  for (const line of rows.length > 0 ? table(['JOB', 'STAGE', 'NAME', 'WITH', ''], rows) : []) {
    terminal.print(line);
  }
  const { length } = planned.messages;
  if (length > 0) {
    terminal.note(`${length === 1 ? '1 message' : `${length} messages`}; see: sluice config lint`);
  }
}
