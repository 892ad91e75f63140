import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Executor } from '@sluice/runner';

/** The checkout or installation that this command runs from. */
const installation = resolve(import.meta.dirname, '../../../..');

/** This machine as the place of local builds. */
export interface LocalMachine {
  readonly executor: Executor;
  /** A repository that jobs may clone can be made here; nothing is there yet. */
  readonly sourcePath: string;
}

/** Downloads and prepared virtualenvs are kept here from run to run. */
function workDirectory(environment: NodeJS.ProcessEnv): string {
  const cache = environment['XDG_CACHE_HOME'] || join(homeOf(environment), '.cache');
  return join(cache, 'sluice', 'local-builds');
}

const homeOf = (environment: NodeJS.ProcessEnv) => environment['HOME'] || homedir();

/**
 * Works with the executor of the service, which has the same view of the machine, and removes afterwards what the run
 * has left. The runner is loaded only then.
 */
export async function withMachine<Result>(
  environment: NodeJS.ProcessEnv,
  work: (machine: LocalMachine) => Promise<Result>,
): Promise<Result> {
  const { createHostExecutor } = await import('@sluice/runner');
  const workDir = workDirectory(environment);
  const sources = join(workDir, 'sources');
  await mkdir(sources, { recursive: true, mode: 0o700 });
  await removeAbandoned(sources);
  const folder = await mkdtemp(join(sources, `${process.pid}-`));
  const sourcePath = join(folder, 'source.git');
  try {
    const executor = await createHostExecutor({
      workDir,
      commandsDir: join(installation, 'packages/cli/bin'),
      readOnly: [join(installation, 'packages'), join(installation, 'node_modules'), sourcePath],
      machineEnvironment: environment,
      home: homeOf(environment),
    });
    return await work({ executor, sourcePath });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What runs that were killed left behind; their names begin with their process id. */
async function removeAbandoned(sources: string): Promise<void> {
  for (const name of await readdir(sources)) {
    if (!isAlive(Number.parseInt(name, 10))) {
      await rm(join(sources, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
