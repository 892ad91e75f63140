import { join } from 'node:path';
import { connect, createRunner, type Runner } from '@sluice/runner';
import type { Logger } from 'pino';
import { createEmbeddedExecutor } from './embedded-executor.ts';
import type { Settings } from './settings/index.ts';
import type { Executor } from './system/index.ts';

const EMBEDDED_RUNNER = 'embedded';

export interface EmbeddedRunner extends Runner {
  readonly about: Executor;
}

/** Which files of the data directory are this server's own, where several share it: `place` is from 1. */
export const ownFiles = (data: string, place: number) => ({
  internalSocket: join(data, 'run', place === 1 ? 'internal.sock' : `internal-${place}.sock`),
  runnerName: place === 1 ? EMBEDDED_RUNNER : `${EMBEDDED_RUNNER}-${place}`,
  runnerDirectory: join(data, place === 1 ? 'runner' : `runner-${place}`),
});

/**
 * The runner inside the server. It speaks to it over the internal socket with the same protocol as a runner on
 * another machine, so nothing about jobs is special to it. Null when no jobs are to run here.
 */
export async function createEmbeddedRunner(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  logger: Logger,
  place: number,
): Promise<EmbeddedRunner | null> {
  if (settings.runnerConcurrency === 0) return null;
  const own = ownFiles(settings.data, place);
  const executor = await createEmbeddedExecutor(settings, environment, own.runnerDirectory);
  for (const notice of executor.notices) logger.warn(notice);
  const runner = createRunner({
    connection: connect({ socketPath: own.internalSocket }),
    executor,
    name: own.runnerName,
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
      ...{ name: own.runnerName, slots: settings.runnerConcurrency },
      ...{ isolates: executor.isolates, notices: executor.notices },
    },
  };
}
