import { setTimeout as pause } from 'node:timers/promises';
import { down as stopApplications } from '../deploy/pipeline/index.ts';
import { isRunning, signalProcess } from '../router/identity.ts';
import { runningServers } from '../server-lock.ts';
import { requireInstallation } from './installation.ts';

/** Longer than the server's own patience with running work (`--drain-seconds`). */
const SERVER_PATIENCE_MS = 60_000;

/** Stops servers, applications, supervisor and router, in this order, and waits until they are gone. */
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
}
