import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { collect } from '../options.ts';

/** What a machine is told when it becomes a runner. */
export interface RunnerOptions {
  readonly server?: string;
  readonly token?: string;
  readonly name?: string;
  readonly label: string[];
  readonly concurrency: number;
  readonly executor: string;
  readonly engine: string;
  readonly image: string[];
  readonly service: string[];
  readonly egress: 'all' | 'trusted' | 'none';
  readonly workDir?: string;
  readonly ephemeral?: boolean;
}

export function withRunnerOptions(command: Command): Command {
  return command
    .option('--server <url>', 'the server; default: that of --zone, SLUICE_URL or the last login')
    .addOption(
      new Option('--token <token>', 'registration token; needed once').env('SLUICE_RUNNER_TOKEN'),
    )
    .option('--name <name>', "what people call this runner; default: the machine's")
    .option(
      '--label <name=value>',
      'what jobs may ask for by the key `runner`; may be repeated',
      collect,
      [],
    )
    .option('--concurrency <n>', 'jobs at once', readConcurrency, 1)
    .addOption(
      new Option('--executor <kind>', 'where jobs run').choices(['host', 'docker']).default('host'),
    )
    .option(
      '--engine <address>',
      'Docker Engine, as DOCKER_HOST; default: what the environment says',
      '',
    )
    .option(
      '--image <row>',
      'LANGUAGE[:VERSION]=IMAGE, before the built-in table; may be repeated',
      collect,
      [],
    )
    .option(
      '--service <row>',
      'NAME[:PORT]=IMAGE, before the built-in table; may be repeated',
      collect,
      [],
    )
    .addOption(
      new Option('--egress <jobs>', 'which jobs in Docker reach other machines than Sluice')
        .choices(['all', 'trusted', 'none'])
        .default('all'),
    )
    .option('--work-dir <path>', 'for jobs and for who this runner is; one for each runner');
}

function readConcurrency(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000) return value;
  throw new InvalidArgumentError('Use a whole number from 1 to 1000.');
}

/** The host's name, as far as it can be a runner's. */
export function defaultName(): string {
  const name = hostname()
    .replaceAll(/[^A-Za-z0-9_.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'runner' : name.slice(0, 100);
}

export async function serverOf(context: Context, options: RunnerOptions): Promise<string> {
  return (options.server ?? (await context.address())).replace(/\/+$/, '');
}

export function workDirOf({ environment }: Context, { workDir }: RunnerOptions): string {
  if (workDir !== undefined) return resolve(workDir);
  const state = environment['XDG_STATE_HOME'] || join(environment['HOME'] ?? '/', '.local/state');
  return join(state, 'sluice-runner');
}
