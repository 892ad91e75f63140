import { join } from 'node:path';
import { connect, createRunner, type Runner } from '@sluice/runner';
import type { Logger } from 'pino';
import { createEmbeddedExecutor } from './embedded-executor.ts';
import type { Settings } from './settings/index.ts';
import type { Executor } from './system/index.ts';

export const EMBEDDED_RUNNER = 'embedded';

export interface EmbeddedRunner extends Runner {
  readonly about: Executor;
}

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
  const workDir = join(settings.data, 'runner');
  const executor = await createEmbeddedExecutor(settings, environment, workDir);
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
