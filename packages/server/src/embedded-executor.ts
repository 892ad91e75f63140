import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHostExecutor, DEFAULT_ENVIRONMENT, type Executor } from '@sluice/runner';
import { SluiceError } from './errors.ts';
import type { Settings } from './settings/index.ts';

/** The checkout or installation that this server runs from. */
const root = resolve(import.meta.dirname, '../../..');

/** Where the embedded runner runs jobs, by setting. What Docker needs is loaded only where it is used. */
export async function createEmbeddedExecutor(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  workDir: string,
): Promise<Executor> {
  const machine = {
    machineEnvironment: environment,
    environment: [...DEFAULT_ENVIRONMENT, ...settings.passEnvironment],
    home: environment['HOME'] || homedir(),
  };
  if (settings.executor === 'docker') return dockerExecutor(settings, machine, workDir);
  const executor = await createHostExecutor({
    ...machine,
    workDir,
    commandsDir: join(root, 'packages/cli/bin'),
    readOnly: [join(root, 'packages'), join(root, 'node_modules')],
    hidden: [settings.data],
    sandbox: settings.jobSandbox === 'off' ? 'none' : 'auto',
  });
  if (!executor.isolates && settings.jobSandbox === 'required') {
    throw new SluiceError('unavailable', `Jobs need a sandbox: ${executor.notices.join(' ')}`, {
      remedy: 'Install bubblewrap (Debian: apt-get install bubblewrap), or set --job-sandbox auto.',
    });
  }
  return executor;
}

async function dockerExecutor(
  settings: Settings,
  machine: { machineEnvironment: NodeJS.ProcessEnv; environment: string[]; home: string },
  workDir: string,
): Promise<Executor> {
  const { createDockerExecutor, engineOptions } = await import('@sluice/runner/docker');
  try {
    const engine = engineOptions(settings.jobEngine, machine.machineEnvironment);
    return await createDockerExecutor({
      ...machine,
      // The same after a restart, and no other's: the directory is this server's own.
      runnerId: `embedded-${createHash('sha256').update(resolve(workDir)).digest('hex').slice(0, 16)}`,
      commandsBundle: join(root, 'packages/cli/dist/sluice.mjs'),
      images: settings.jobImages,
      allowedImages: settings.jobAllowedImages,
      services: settings.jobServices,
      pull: settings.jobPull as 'missing' | 'always' | 'never',
      ...(settings.jobRegistryFile ? { registryFile: resolve(settings.jobRegistryFile) } : {}),
      egress: settings.jobEgress as 'all' | 'trusted' | 'none',
      engineAccess: settings.jobEngineRepositories,
      processes: settings.jobProcesses,
      diskBytes: settings.jobDiskBytes,
      ...(settings.jobMemoryBytes > 0 ? { memoryBytes: settings.jobMemoryBytes } : {}),
      ...(engine ? { engine } : {}),
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new SluiceError('unavailable', `Jobs cannot run in Docker: ${said}`, {
      remedy: 'Start the Docker Engine or correct --job-engine, or set --executor host.',
      cause: error,
    });
  }
}
