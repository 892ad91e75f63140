import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  connect,
  createHostExecutor,
  createRunner,
  DEFAULT_ENVIRONMENT,
  type Runner,
} from '@sluice/runner';
import type { Logger } from 'pino';
import { SluiceError } from './errors.ts';
import type { Settings } from './settings/index.ts';
import type { Executor } from './system/index.ts';

export const EMBEDDED_RUNNER = 'embedded';

export interface EmbeddedRunner extends Runner {
  readonly about: Executor;
}

/** The checkout or installation that this server runs from. */
const root = resolve(import.meta.dirname, '../../..');

/**
 * The runner inside the server. It speaks to it over the internal socket with the same protocol as a runner on
 * another machine, so nothing about jobs is special to it. Null when no jobs are to run here.
 */
export async function createEmbeddedRunner(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  logger: Logger,
): Promise<EmbeddedRunner | null> {
  if (settings.runnerConcurrency === 0) return null;
  const executor = await createHostExecutor({
    workDir: join(settings.data, 'runner'),
    commandsDir: join(root, 'packages/cli/bin'),
    readOnly: [join(root, 'packages'), join(root, 'node_modules')],
    hidden: [settings.data],
    machineEnvironment: environment,
    environment: [...DEFAULT_ENVIRONMENT, ...settings.passEnvironment],
    home: environment['HOME'] || homedir(),
    sandbox: settings.jobSandbox === 'off' ? 'none' : 'auto',
  });
  if (!executor.isolates && settings.jobSandbox === 'required') {
    throw new SluiceError('unavailable', `Jobs need a sandbox: ${executor.notices.join(' ')}`, {
      remedy: 'Install bubblewrap (Debian: apt-get install bubblewrap), or set --job-sandbox auto.',
    });
  }
  for (const notice of executor.notices) logger.warn(notice);
  const runner = createRunner({
    connection: connect({ socketPath: join(settings.data, 'run', 'internal.sock') }),
    executor,
    name: EMBEDDED_RUNNER,
    concurrency: settings.runnerConcurrency,
    renewMs: Math.min(2_000, (settings.leaseSeconds * 1_000) / 4),
    onEvent: (event) => {
      if (event.kind === 'trouble') logger.warn(event, 'the embedded runner cannot get jobs');
      else logger.info(event, `job ${event.number} ${event.kind}`);
    },
  });
  return {
    ...runner,
    about: {
      ...{ name: EMBEDDED_RUNNER, slots: settings.runnerConcurrency },
      ...{ isolates: executor.isolates, notices: executor.notices },
    },
  };
}
