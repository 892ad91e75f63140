import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../executors/executor.ts';
import { type Connection, type Lease, ProtocolError } from './connection.ts';
import { type LeasedJobEnd, runLeasedJob } from './leased-job.ts';

export interface RunnerOptions {
  connection: Connection;
  executor: Executor;
  /** Shown in logs and in the list of runners. */
  name: string;
  /** Jobs at once. Default 1. */
  concurrency?: number;
  /** How long one request waits for a job. Default 20. */
  waitSeconds?: number;
  /** Default 2000. */
  renewMs?: number;
  /** Default 10 minutes. */
  orphanMs?: number;
  /** What happens, for the log of the process that the runner is part of. */
  onEvent?: (event: RunnerEvent) => void;
  timing?: { minute?: number; retryPause?: number };
}

export type RunnerEvent =
  | { kind: 'leased'; jobId: number; number: string }
  | { kind: 'ended'; jobId: number; number: string; end: LeasedJobEnd }
  /** The server did not give an answer to the question for a job; said once until it does. */
  | { kind: 'trouble'; message: string };

export interface Runner {
  /** Starts asking for jobs. Returns at once. */
  start(): void;
  /** Takes no new jobs and resolves when those that run have ended. */
  stop(): Promise<void>;
  /** Takes no new jobs and ends those that run without reporting: their leases lapse and they are run again. */
  kill(): Promise<void>;
  /** Jobs that run now. */
  running(): number;
}

const PAUSE_MS = 1_000;

/** Asks the server for jobs and runs them, `concurrency` at once. */
export function createRunner(options: RunnerOptions): Runner {
  const { connection, executor, name, concurrency = 1, waitSeconds = 20 } = options;
  const stopping = new AbortController();
  const killing = new AbortController();
  const loops: Promise<void>[] = [];
  const running = new Set<Promise<void>>();
  let inTrouble = false;

  const leaseOne = async () => {
    try {
      const lease = await connection.lease(
        { runner: name, executor: executor.kind, isolates: executor.isolates, waitSeconds },
        stopping.signal,
      );
      inTrouble = false;
      return lease;
    } catch (error) {
      if (stopping.signal.aborted) return null;
      if (!inTrouble) {
        const message = error instanceof Error ? error.message : String(error);
        options.onEvent?.({ kind: 'trouble', message });
      }
      inTrouble = true;
      const pause = error instanceof ProtocolError && error.kind === 'unreachable' ? 1 : 5;
      await sleep(pause * PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      return null;
    }
  };

  /** Runs a job. `onVerdict` is called when its slot is free again: at its verdict, or at its end without one. */
  const work = async (lease: Lease, onVerdict: () => void) => {
    const { jobId, number } = lease.job.payload;
    options.onEvent?.({ kind: 'leased', jobId, number });
    const end = await runLeasedJob({
      lease,
      connection,
      executor,
      runnerName: name,
      signal: killing.signal,
      onVerdict,
      renewMs: options.renewMs ?? 2_000,
      orphanMs: options.orphanMs ?? 600_000,
      ...(options.timing ? { timing: options.timing } : {}),
    });
    options.onEvent?.({ kind: 'ended', jobId, number, end });
  };

  /**
   * One slot. From its verdict on a job takes none (spec/ordering.md 2.3): its `after_success` may wait for a deployment that
   * waits for the jobs behind it.
   */
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const lease = await leaseOne();
      if (lease === null) continue;
      await new Promise<void>((freeSlot) => {
        const job = work(lease, freeSlot).finally(() => {
          running.delete(job);
          freeSlot();
        });
        running.add(job);
      });
    }
  };

  const stop = async () => {
    stopping.abort();
    await Promise.all(loops);
    await Promise.all(running);
  };
  return {
    start() {
      if (loops.length > 0) return;
      for (let i = 0; i < concurrency; i++) loops.push(loop());
    },
    stop,
    async kill() {
      killing.abort();
      await stop();
    },
    running: () => running.size,
  };
}
