import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { collect } from '../options.ts';
import { type DockerJobOptions, withDockerOptions } from './docker-options.ts';

/** What a machine is told when it becomes a runner. */
export interface RunnerOptions extends DockerJobOptions {
  readonly server?: string;
  readonly token?: string;
  readonly name?: string;
  readonly label: string[];
  readonly concurrency: number;
  readonly executor: string;
  readonly workDir?: string;
  readonly ephemeral?: boolean;
}

export function withRunnerOptions(command: Command): Command {
  const common = command
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
    .option('--work-dir <path>', 'for jobs and for who this runner is; one for each runner');
  return withDockerOptions(common);
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
