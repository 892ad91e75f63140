import { homedir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ENVIRONMENT, machineVariables } from '@sluice/runner';
import type { DockerRuntime } from './deploy/runtimes/docker/index.ts';
import { createProcessRuntime } from './deploy/runtimes/process/index.ts';
import type { Runtime } from './deploy/runtimes/runtime.ts';
import { createSupervisor } from './deploy/supervisor/index.ts';
import { SluiceError } from './errors.ts';
import type { Settings } from './settings/index.ts';

const COMMAND_WAIT_SECONDS = 10;

/** The runtime that the settings ask for. What Docker needs is loaded only where it is asked for. */
export async function createRuntime(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<Runtime> {
  const home = environment['HOME'] || homedir();
  const buildVariables = variablesOfBuilds(settings, environment);
  if (settings.runtime === 'docker') return dockerRuntime(settings, environment);
  return createProcessRuntime({
    dataDir: settings.data,
    supervisor: createSupervisor({ dataDir: settings.data }),
    sandbox: settings.applicationSandbox as 'auto' | 'required' | 'off',
    home,
    path: environment['PATH'] ?? '',
    buildVariables,
  });
}

/** The Docker runtime that an installation has used last, whatever it uses now; null: none. */
export async function usedDockerRuntime(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<DockerRuntime | null> {
  const { rememberedEngine } = await import('./deploy/runtimes/docker/engine-record.ts');
  const used = await rememberedEngine(settings.data);
  if (used === null) return null;
  const { engine: dockerEngine, certificates: dockerCertificates } = used;
  // A command is at it, with a person before it.
  const dockerWaitSeconds = Math.min(settings.dockerWaitSeconds, COMMAND_WAIT_SECONDS);
  return dockerRuntime(
    { ...settings, dockerEngine, dockerCertificates, dockerWaitSeconds },
    environment,
  );
}

async function dockerRuntime(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<DockerRuntime> {
  const home = environment['HOME'] || homedir();
  const buildVariables = variablesOfBuilds(settings, environment);
  const { createDockerRuntime } = await import('./deploy/runtimes/docker/index.ts');
  const usesTls = environment['DOCKER_TLS_VERIFY'] === '1';
  const configuration = environment['DOCKER_CONFIG'] || join(home, '.docker');
  return createDockerRuntime({
    dataDir: settings.data,
    engine: settings.dockerEngine || environment['DOCKER_HOST'] || '',
    certificates:
      settings.dockerCertificates || (usesTls ? (environment['DOCKER_CERT_PATH'] ?? '') : ''),
    address: settings.dockerAddress,
    engineWaitMs: settings.dockerWaitSeconds * 1_000,
    registryFile: settings.dockerRegistryFile || join(configuration, 'config.json'),
    registry: settings.dockerRegistry,
    images: {
      python: settings.dockerPythonImage,
      node: settings.dockerNodeImage,
      plain: settings.dockerPlainImage,
    },
    buildArguments: {
      ...packageManagers(buildVariables),
      ...argumentsOf(settings.dockerBuildArguments),
    },
    layerCache: settings.dockerLayerCache,
    pull: settings.dockerPull,
    limits: {
      milliCpus: settings.dockerMilliCpus,
      memoryBytes: settings.dockerMemoryBytes,
      processes: settings.dockerProcesses,
      logBytes: settings.dockerLogBytes,
    },
    mostLimits: {
      milliCpus: settings.dockerMaxMilliCpus,
      memoryBytes: settings.dockerMaxMemoryBytes,
      processes: settings.dockerMaxProcesses,
    },
    serviceLimits: {
      milliCpus: settings.serviceMilliCpus,
      memoryBytes: settings.serviceMemoryBytes,
      processes: settings.serviceProcesses,
      logBytes: settings.dockerLogBytes,
    },
    hardening: {
      readOnlyRoot: settings.dockerReadOnly,
      capabilities: settings.dockerCapabilities,
    },
    volumes: settings.dockerVolumes,
  });
}

const variablesOfBuilds = (settings: Settings, environment: NodeJS.ProcessEnv) =>
  machineVariables(environment, [...DEFAULT_ENVIRONMENT, ...settings.passEnvironment], true);

/** Where packages come from; files of this machine are not in a container. */
function packageManagers(all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name, value]) => /^(PIP_|UV_|NPM_CONFIG_|.*_PROXY$)/i.test(name) && !value.startsWith('/'),
    ),
  );
}

function argumentsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at > 0) return [line.slice(0, at), line.slice(at + 1)];
      throw new SluiceError('invalid', `docker_build_arguments: "${line}" is not NAME=VALUE.`);
    }),
  );
}
