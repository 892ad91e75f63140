import type { Client, Deployment } from '@sluice/contract';
import type { Context } from '../context.ts';
import { isPassing, pause } from '../patience.ts';
import { progressBar } from '../ui/progress-bar.ts';

const POLL_SECONDS = 1;
const PATIENCE_MS = 60_000;

/**
 * Shows a deployment until it has ended: a progress bar on a terminal, a line for each new status elsewhere, and with
 * `log` its log as it grows. A server that restarts meanwhile is waited for, up to a minute.
 */
export async function watchDeployment(
  context: Context,
  client: Client,
  uuid: string,
  { log, quiet }: { log: boolean; quiet: boolean },
): Promise<Deployment> {
  const { terminal } = context;
  const begun = Date.now();
  let offset = 0;
  let shown = '';
  let reachedAt = Date.now();

  for (;;) {
    try {
      const deployment = await client.deployments.get(uuid);
      reachedAt = Date.now();
      if (deployment.status !== shown && !quiet) {
        const detail = deployment.ended_at === null ? (deployment.reason ?? '') : '';
        terminal.note(`${terminal.styleNote('cyan', deployment.status)} ${detail}`.trimEnd());
        shown = deployment.status;
      }
      const ended = deployment.ended_at !== null;
      if (!ended && !quiet) {
        terminal.progress(progressBar(deployment.percent, deployment.status, Date.now() - begun));
      }
      const chunk = await client.deployments.log(uuid, {
        offset,
        waitSeconds: ended ? 0 : POLL_SECONDS,
      });
      if (log && chunk.text !== '') terminal.write(chunk.text);
      const grew = chunk.next_offset > offset;
      offset = chunk.next_offset;
      if (ended && (!log || !grew)) {
        terminal.progress(null);
        return deployment;
      }
      // A log that has ended answers at once; the status may still be about to change.
      if (!ended && (chunk.ended || grew)) await pause(grew ? 100 : POLL_SECONDS * 1000);
    } catch (error) {
      if (!isPassing(error) || Date.now() - reachedAt > PATIENCE_MS) throw error;
      terminal.progress(`${error.message}; trying again ...`);
      await pause(POLL_SECONDS * 1000);
    }
  }
}
