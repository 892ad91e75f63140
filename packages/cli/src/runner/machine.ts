import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunnerMachine } from '@sluice/contract';
import type { Executor } from '@sluice/runner';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { version } from '../version.ts';
import { dockerSettings } from './docker-options.ts';
import { type RunnerOptions, workDirOf } from './options.ts';

/** The installation that this command runs from. */
const installation = resolve(import.meta.dirname, '../../../..');

/** This machine's executor, and what the server is told of it. The runner is loaded only now. */
export async function prepareMachine(
  context: Context,
  options: RunnerOptions,
): Promise<{ executor: Executor; machine: RunnerMachine }> {
  const { readLabels, thisSystem } = await import('@sluice/runner');
  const { environment } = context;
  const directory = workDirOf(context, options);
  let labels: RunnerMachine['labels'];
  try {
    labels = readLabels(options.label);
  } catch (error) {
    throw new CommandError(exitCodes.usage, error instanceof Error ? error.message : String(error));
  }
  const workDir = join(directory, 'jobs');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const executor =
    options.executor === 'docker'
      ? await dockerExecutor(environment, options, directory)
      : await hostExecutor(environment, workDir, directory);
  return {
    executor,
    machine: {
      ...{ version, ...thisSystem(), labels, executor: executor.kind },
      ...{ isolates: executor.isolates, concurrency: options.ephemeral ? 1 : options.concurrency },
    },
  };
}

async function hostExecutor(
  environment: NodeJS.ProcessEnv,
  workDir: string,
  directory: string,
): Promise<Executor> {
  const { createHostExecutor } = await import('@sluice/runner');
  return createHostExecutor({
    workDir,
    commandsDir: join(installation, 'packages/cli/bin'),
    readOnly: [join(installation, 'packages'), join(installation, 'node_modules')],
    // Who the runner is would let a job take its place.
    hidden: [directory],
    machineEnvironment: environment,
    home: environment['HOME'] || homedir(),
  });
}

/** Docker's library is loaded only here; the command as one file does not have it. */
async function dockerExecutor(
  environment: NodeJS.ProcessEnv,
  options: RunnerOptions,
  directory: string,
): Promise<Executor> {
  try {
    const { createDockerExecutor, engineOptions } = await import('@sluice/runner/docker');
    const engine = engineOptions(options.engine, environment);
    return await createDockerExecutor({
      // Who the runner is: the same after a restart.
      runnerId: `runner-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`,
      commandsBundle: join(installation, 'packages/cli/dist/sluice.mjs'),
      machineEnvironment: environment,
      home: environment['HOME'] || homedir(),
      ...dockerSettings(options),
      ...(engine ? { engine } : {}),
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.failed, `Jobs cannot run in Docker: ${said}`, {
      cause: error,
    });
  }
}
