import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../executors/executor.ts';
import { executeJob } from '../job/execute.ts';
import type { JobOutcome } from '../job/outcome.ts';
import { type Connection, type Lease, ProtocolError } from './connection.ts';
import { createLogStream } from './log-stream.ts';
import { whileUnreachable } from './retry.ts';

export interface LeasedJobInput {
  lease: Lease;
  connection: Connection;
  executor: Executor;
  runnerName: string;
  /** Aborted when the runner is killed: the job is ended and left to whoever leases it next. */
  signal: AbortSignal;
  /** The longest time between two renewals; each also asks whether the job was cancelled. */
  renewMs: number;
  /** How long a job may go on without a word from the server after its lease has run out. */
  orphanMs: number;
  /** Called once the server has stored the verdict: from then on the job takes no slot. */
  onVerdict: () => void;
  timing?: { minute?: number; retryPause?: number };
}

export type LeasedJobEnd =
  | { kind: 'finished'; outcome: JobOutcome }
  /** The lease is lost or the runner was killed: nothing was reported, and nothing may be. */
  | { kind: 'abandoned'; why: string };

/** Runs a leased job and tells the server all about it. Never rejects. */
export async function runLeasedJob(input: LeasedJobInput): Promise<LeasedJobEnd> {
  const { lease, connection } = input;
  const { payload, leaseToken } = lease.job;
  const { jobId } = payload;
  const stop = new AbortController();
  let why = 'the runner was stopped';
  const abandon = (reason: string) => {
    if (stop.signal.aborted) return;
    why = reason;
    stop.abort({ kind: 'abandoned' });
  };
  const onKill = () => abandon('the runner was stopped');
  if (input.signal.aborted) onKill();
  input.signal.addEventListener('abort', onKill, { once: true });
  /** Ends the waiting for a server that cannot be reached; not when the job was only cancelled. */
  const gone = new AbortController();
  const losing = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await whileUnreachable(call, gone.signal);
    } catch (error) {
      if (error instanceof ProtocolError && error.kind !== 'invalid') {
        abandon(`the server says: ${error.message}`);
        gone.abort();
      }
      throw error;
    }
  };
  const stopRenewing = new AbortController();
  const renewing = renew(input, stopRenewing.signal, {
    canceled: () => stop.abort({ kind: 'canceled' }),
    lost: (reason) => {
      abandon(reason);
      gone.abort();
    },
  });
  const onStop = () => {
    if ((stop.signal.reason as { kind?: string } | undefined)?.kind === 'abandoned') gone.abort();
  };
  stop.signal.addEventListener('abort', onStop, { once: true });
  if (stop.signal.aborted) onStop();

  const log = createLogStream({
    send: (offset, bytes) => losing(() => connection.appendLog(jobId, leaseToken, offset, bytes)),
  });
  try {
    const outcome = await executeJob({
      payload,
      executor: input.executor,
      runnerName: input.runnerName,
      signal: stop.signal,
      ...(input.timing ? { timing: input.timing } : {}),
      sink: {
        log: (bytes) => log.append(bytes),
        notices: (texts) => losing(() => connection.notices(jobId, leaseToken, texts)),
        cache: {
          fetch: (slug, limit) => connection.fetchCache(jobId, leaseToken, slug, limit),
          store: (slug, archive, limit) =>
            connection.storeCache(jobId, leaseToken, slug, archive, limit),
        },
        artifacts: {
          largestBytes: payload.limits.artifactBytes ?? 0,
          store: ({ body, ...file }) =>
            losing(() =>
              connection.storeArtifact(jobId, leaseToken, {
                ...{ ...file, body: body(), signal: gone.signal },
              }),
            ),
          isFull: (error) => error instanceof ProtocolError && error.reason === 'artifacts_full',
        },
        deploy: (wanted) => losing(() => connection.deploy(jobId, leaseToken, wanted)),
        verdict: async (verdict) => {
          await losing(() => connection.verdict(jobId, leaseToken, verdict));
          input.onVerdict();
        },
      },
    });
    if (gone.signal.aborted) return { kind: 'abandoned', why };
    await log.drain();
    const { state, exitCode, reason } = outcome;
    await losing(() => connection.finish(jobId, { leaseToken, state, exitCode, reason }));
    return { kind: 'finished', outcome };
  } catch (error) {
    if (gone.signal.aborted) return { kind: 'abandoned', why };
    // Something that trying again elsewhere would not change: said rather than repeated for ever.
    const reason = error instanceof Error ? error.message : String(error);
    const outcome: JobOutcome = {
      state: 'errored',
      exitCode: null,
      reason: `The runner failed: ${reason}`,
    };
    const told = await losing(() => connection.finish(jobId, { leaseToken, ...outcome })).then(
      () => true,
      () => false,
    );
    return told ? { kind: 'finished', outcome } : { kind: 'abandoned', why: reason };
  } finally {
    stopRenewing.abort();
    input.signal.removeEventListener('abort', onKill);
    await renewing;
  }
}

/** Keeps the lease, and hears whether the job was cancelled. */
async function renew(
  input: LeasedJobInput,
  signal: AbortSignal,
  on: { canceled(): void; lost(reason: string): void },
): Promise<void> {
  const { connection, lease } = input;
  const { payload, leaseToken } = lease.job;
  let { leaseMs } = lease;
  let expires = performance.now() + leaseMs;
  while (!signal.aborted) {
    await sleep(Math.min(input.renewMs, leaseMs / 3), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const answer = await connection.renew(payload.jobId, leaseToken);
      leaseMs = answer.leaseMs;
      expires = performance.now() + leaseMs;
      if (answer.cancelRequested) on.canceled();
    } catch (error) {
      // The job has ended meanwhile, and its lease with it.
      if (signal.aborted) return;
      if (error instanceof ProtocolError && error.kind === 'lost') {
        return on.lost(`the lease is lost: ${error.message}`);
      }
      // A server that restarts finds its job still running; one that stays away for long has given the job to somebody else.
      if (performance.now() > expires + input.orphanMs) {
        return on.lost('the server has not been reached for too long');
      }
    }
  }
}
