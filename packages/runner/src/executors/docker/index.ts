import Docker from 'dockerode';
import type { Executor } from '../executor.ts';
import { imageTable } from './images.ts';
import { thisProcess } from './labels.ts';
import { removeLeftovers } from './leftovers.ts';
import { type DockerExecutorOptions, withDefaults } from './options.ts';
import { messageOf } from './pull.ts';
import { parseServiceRow } from './services.ts';
import { collectTools, removeOldTools } from './tools.ts';
import { createDockerWorkplace } from './workplace.ts';

export { engineOptions } from './engine-address.ts';
export type { DockerExecutorOptions } from './options.ts';

/** Node's names of processors as an engine says them. */
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

export interface DockerExecutor extends Executor {
  /** Looks for leftovers of runners that are gone, as it does by itself now and then. */
  sweep(): Promise<void>;
  /** Stops looking. Jobs that run are not touched. */
  stop(): void;
}

/**
 * Runs jobs in containers of a Docker Engine, on this machine or another: the image for the job's language and version, its
 * services in a network of its own, no rights, and nothing left when runner or job end in whatever way. Rejects with a sentence when
 * the engine cannot be used.
 */
export async function createDockerExecutor(given: DockerExecutorOptions): Promise<DockerExecutor> {
  const options = withDefaults(given);
  const images = imageTable(options.images);
  const serviceRows = options.services.map(parseServiceRow);
  const engine = new Docker(options.engine);
  await checkEngine(engine);
  const setting = {
    engine,
    options,
    images,
    serviceRows,
    tools: await collectTools(options.commandsBundle),
    process: await thisProcess(),
  };
  const sweep = () => removeLeftovers(engine, options);
  await sweep();
  await removeOldTools(engine, setting.tools.volume);
  // The engine may be away for a while: the next round finds what this one did not.
  const timer = setInterval(() => void sweep().catch(() => undefined), options.sweepMs);
  timer.unref();

  return {
    kind: 'docker',
    isolates: true,
    usesImages: true,
    notices: [],
    toolchains: async () => [],
    open: (job) => createDockerWorkplace(job, setting),
    sweep,
    stop: () => clearInterval(timer),
  };
}

async function checkEngine(engine: Docker): Promise<void> {
  let about: { OSType?: string; Architecture?: string };
  try {
    about = await engine.info();
  } catch (error) {
    throw new Error(`No Docker Engine answers: ${messageOf(error)}`);
  }
  const own = PROCESSORS[process.arch] ?? process.arch;
  if (about.OSType !== 'linux' || about.Architecture !== own) {
    throw new Error(
      `The Docker Engine runs ${about.OSType} on ${about.Architecture}, and this runner is made for linux on ${own}: jobs need one of the runner's own kind.`,
    );
  }
}
