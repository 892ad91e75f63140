import type { Client, JobView } from '@sluice/contract';
import type { Context } from '../context.ts';
import { isPassing, pause } from '../patience.ts';
import { plainLog } from './plain-log.ts';
import { isFinished } from './select-build.ts';

const POLL_SECONDS = 10;
const PATIENCE_MS = 60_000;

/** Prints a job's log; with `follow` until the job has ended. `raw` keeps fold and timing marks. */
export async function printJobLog(
  context: Context,
  client: Client,
  job: JobView,
  { follow, raw }: { follow: boolean; raw: boolean },
): Promise<void> {
  const clean = plainLog();
  let offset = 0;
  let reachedAt = Date.now();
  for (;;) {
    try {
      const chunk = await client.jobs.log(job.id, {
        offset,
        waitSeconds: follow ? POLL_SECONDS : 0,
      });
      reachedAt = Date.now();
      context.terminal.write(raw ? chunk.text : clean.push(chunk.text));
      const grew = chunk.next_offset > offset;
      offset = chunk.next_offset;
      if (grew) continue;
      if (!follow || (chunk.ended && isFinished((await client.jobs.get(job.id)).state))) break;
      if (chunk.ended) await pause(200);
    } catch (error) {
      if (!isPassing(error) || Date.now() - reachedAt > PATIENCE_MS) throw error;
      await pause(1000);
    }
  }
  if (!raw) context.terminal.write(clean.end());
}
