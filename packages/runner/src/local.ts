import type { JobPayload } from '@sluice/contract';
import type { Executor } from './executors/executor.ts';
import { executeJob } from './job/execute.ts';
import type { JobOutcome } from './job/outcome.ts';

export interface LocalSink {
  /** The next bytes of the log, with secrets masked. */
  log(bytes: Buffer): Promise<void> | void;
  notice?(text: string): void;
}

/**
 * Runs one job on this machine without a server: every step as the service would do it, except that nobody stores
 * the verdict. `signal` ends it as canceled.
 */
export async function runJob(
  payload: JobPayload,
  executor: Executor,
  sink: LocalSink,
  signal?: AbortSignal,
): Promise<JobOutcome> {
  const cancel = new AbortController();
  const onAbort = () => cancel.abort({ kind: 'canceled' });
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await executeJob({
      payload,
      executor,
      runnerName: 'local',
      signal: cancel.signal,
      sink: {
        log: (bytes) => sink.log(bytes),
        notices: (texts) => {
          for (const text of texts) sink.notice?.(text);
        },
        verdict: async () => undefined,
      },
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
