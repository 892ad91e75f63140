import { type Command, Option } from 'commander';
import { CommandError, exitCodes } from './exit-codes.ts';

/** Which part of an application a list is about, with every spelling that the divio client knows. */
export interface ScopeOptions {
  readonly environment: string;
  readonly stage?: string;
  readonly allEnvs?: boolean;
  readonly allEnvironments?: boolean;
  readonly limit?: string;
  readonly limitResults?: string;
}

export function withScope(command: Command): Command {
  return command
    .option('-e, --environment <slug>', 'environment', 'test')
    .addOption(new Option('-s, --stage <slug>').hideHelp())
    .option('--all-envs', 'of all environments')
    .addOption(new Option('--all-environments').hideHelp())
    .option('--limit <n>', 'at most so many')
    .addOption(new Option('--limit-results <n>').hideHelp());
}

/** `environment` null: all of them. `limit` null: as many as the server gives. */
export function scopeOf(options: ScopeOptions): {
  environment: string | null;
  limit: number | null;
} {
  const all = options.allEnvs ?? options.allEnvironments ?? false;
  const text = options.limit ?? options.limitResults;
  const limit = text === undefined ? null : Number(text);
  if (limit !== null && !(Number.isInteger(limit) && limit > 0)) {
    throw new CommandError(
      exitCodes.usage,
      `--limit must be a positive whole number, not "${text}".`,
    );
  }
  return { environment: all ? null : (options.stage ?? options.environment), limit };
}

/** The divio client pages its output; ours leaves that to `| less`, but takes the option. */
export function pagerOption(): Option {
  return new Option('-p, --pager').hideHelp();
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** What a build is for, as conditions know it (spec/travis.md 13). */
export function eventOption(): Option {
  return new Option('--event <type>', 'what the build is for').choices([
    'push',
    'pull_request',
    'api',
    'cron',
  ]);
}
