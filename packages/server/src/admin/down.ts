import { setTimeout as pause } from 'node:timers/promises';
import { down as stopApplications } from '../deploy/pipeline/index.ts';
import { RuntimeFailure } from '../deploy/runtimes/runtime.ts';
import { SluiceError } from '../errors.ts';
import { isRunning, signalProcess } from '../router/identity.ts';
import { usedDockerRuntime } from '../runtime.ts';
import { runningServers } from '../server-lock.ts';
import { loadSettings } from '../settings/index.ts';
import { requireInstallation } from './installation.ts';

/** Longer than the server's own patience with running work (`--drain-seconds`). */
const SERVER_PATIENCE_MS = 60_000;

const GRACE_MS = 10_000;

/** Stops servers, router, applications, supervisor and containers, in this order, and waits until they are gone. */
export async function down({ data }: { data: string }): Promise<void> {
  const directory = await requireInstallation(data);
  const servers = runningServers(directory);
  if (servers.length > 0) process.stderr.write('Stopping the server ...\n');
  for (const server of servers) signalProcess(server, 'SIGTERM');
  for (const server of servers) {
    const end = Date.now() + SERVER_PATIENCE_MS;
    while (isRunning(server)) {
      // What it was doing resumes at the next start.
      if (Date.now() > end) signalProcess(server, 'SIGKILL');
      await pause(50);
    }
  }
  await stopApplications(directory);
  await endContainers(directory);
}

/** Of the engine that the installation has used, also where its settings name another one, or processes, by now. */
async function endContainers(directory: string): Promise<void> {
  const settings = await loadSettings(['--data', directory], process.env);
  const runtime = await usedDockerRuntime(settings, process.env);
  await runtime?.down(GRACE_MS).catch((error: unknown) => {
    if (!(error instanceof RuntimeFailure) || error.reasonCode !== 'engine_unreachable')
      throw error;
    throw new SluiceError(
      'unavailable',
      'Everything was stopped but containers: their Docker Engine does not answer.',
      { remedy: `${error.message} Run this again when it is back.`, cause: error },
    );
  });
}
