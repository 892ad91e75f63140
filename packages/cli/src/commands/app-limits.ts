import type { Environment, EnvironmentLimitsPatch, Limit } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';
import { selectEnvironment } from '../project/environment.ts';
import { bytesText, readBytes } from '../ui/bytes.ts';
import { table } from '../ui/table.ts';

interface LimitsOptions {
  readonly environment: string;
  readonly remoteId?: string;
  readonly cpus?: string;
  readonly memory?: string;
  readonly processes?: string;
  readonly later?: boolean;
  readonly json?: boolean;
}

/** `app limits`: what an environment's containers may use. */
export function registerAppLimits(app: Command, context: Context): void {
  app
    .command('limits')
    .description(
      'Show, or set, how much processor, memory and processes each instance, release command, cron job and shell of an environment may use.',
    )
    .option('-e, --environment <slug>', 'environment', 'test')
    .option('--remote-id <id>', 'website id, uuid or slug')
    .option('--cpus <number>', 'processors, such as 0.5; "default" or "none"')
    .option('--memory <size>', 'such as 512M or 2G; "default" or "none"')
    .option('--processes <number>', 'processes and threads; "default" or "none"')
    .option('--later', 'only from the next deployment or restart on')
    .option('--json', 'print JSON')
    .action(async (options: LimitsOptions) => {
      const wish = readWish(options);
      const client = await context.client();
      const application = await selectApplication(context, client, options.remoteId);
      const { uuid } = await selectEnvironment(client, application.uuid, options.environment);
      const isChange = Object.keys(wish).length > 0;
      const environment = isChange
        ? await client.environments.update(uuid, { limits: wish })
        : await client.environments.get(uuid);
      const isApplied = isChange && environment.live_deployment !== null && !options.later;
      if (isApplied) await client.environments.restart(uuid);
      show(context, environment, options);
      if (isChange && !options.json) {
        context.terminal.note(
          isApplied
            ? 'New instances with these limits have taken over.'
            : 'They hold from the next deployment or restart on.',
        );
      }
    });
}

function show({ terminal }: Context, { slug, limits }: Environment, { json }: LimitsOptions): void {
  if (json) {
    terminal.print(JSON.stringify({ environment: slug, limits }));
    return;
  }
  if (limits === null) {
    terminal.note('Applications run as processes here, which have no limits.');
    return;
  }
  const row = (name: string, limit: Limit, words: (value: number) => string) => [
    name,
    limit.value === null ? 'none' : words(limit.value),
    limit.own === null ? 'default' : 'its own',
    limit.default === null ? 'none' : words(limit.default),
    limit.max === null ? 'none' : words(limit.max),
  ];
  const rows = [
    row('cpus', limits.milli_cpus, (value) => String(value / 1_000)),
    row('memory', limits.memory_bytes, bytesText),
    row('processes', limits.processes, String),
  ];
  for (const line of table([slug.toUpperCase(), 'LIMIT', 'FROM', 'DEFAULT', 'MOST'], rows)) {
    terminal.print(line);
  }
}

function readWish({ cpus, memory, processes }: LimitsOptions): EnvironmentLimitsPatch {
  return {
    ...(cpus === undefined ? {} : { milli_cpus: readOne('--cpus', cpus, readCpus) }),
    ...(memory === undefined ? {} : { memory_bytes: readOne('--memory', memory, readBytes) }),
    ...(processes === undefined ? {} : { processes: readOne('--processes', processes, readCount) }),
  };
}

function readOne(
  option: string,
  text: string,
  read: (text: string) => number | null,
): number | null {
  if (text === 'default') return null;
  if (text === 'none') return 0;
  const value = read(text);
  if (value !== null && value > 0) return value;
  throw new CommandError(
    exitCodes.usage,
    `${option}: "${text}" is none of a number above 0, "default" and "none".`,
  );
}

const readCpus = (text: string): number | null =>
  /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1_000) : null;
const readCount = (text: string): number | null => (/^\d{1,7}$/.test(text) ? Number(text) : null);
