import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobPayload } from '@sluice/contract';
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
  /** A runner on another machine; absent: the one inside the server. */
  remote?: {
    /** Names this process to the server. */
    instance: string;
    /** Takes one job and ends. */
    ephemeral: boolean;
    /** Makes a job of the server one of this machine, such as by the address under which it reaches the server. */
    adapt?: (payload: JobPayload) => JobPayload;
  };
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
  /** Their ids. */
  holding(): number[];
  /** Resolves when it has ended by itself: after its only job, or with the error that no repeating would help. */
  readonly ended: Promise<ProtocolError | null>;
}

const PAUSE_MS = 1_000;
/** Of a registered runner: nothing that it could wait for. */
const HOPELESS: readonly string[] = ['refused', 'outdated', 'superseded'];

interface Question {
  name: string | null;
}

/** Asks the server for jobs and runs them, `concurrency` at once. */
export function createRunner(options: RunnerOptions): Runner {
  const { connection, executor, name, concurrency = 1, waitSeconds = 20 } = options;
  const stopping = new AbortController();
  const killing = new AbortController();
  const loops: Promise<void>[] = [];
  const running = new Map<Promise<void>, number>();
  const { remote } = options;
  const ended = Promise.withResolvers<ProtocolError | null>();
  let inTrouble = false;
  let fatal: ProtocolError | null = null;

  /** `question` names it to the server: asked again after a lost connection, the same job is answered. */
  const leaseOne = async (question: Question): Promise<Lease | null> => {
    question.name ??= randomUUID();
    try {
      const lease = await connection.lease(
        {
          ...{ runner: name, executor: executor.kind, isolates: executor.isolates, waitSeconds },
          ...(remote ? { instance: remote.instance, request: question.name } : {}),
        },
        stopping.signal,
      );
      inTrouble = false;
      question.name = null;
      if (lease === null || remote?.adapt === undefined) return lease;
      return { ...lease, job: { ...lease.job, payload: remote.adapt(lease.job.payload) } };
    } catch (error) {
      if (stopping.signal.aborted) return null;
      if (remote && error instanceof ProtocolError && HOPELESS.includes(error.kind)) {
        fatal ??= error;
        stopping.abort();
        return null;
      }
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
    if (remote && end.kind === 'abandoned' && killing.signal.aborted) {
      const { leaseToken } = lease.job;
      // At once rather than when the lease lapses; where that fails, it lapses.
      await connection.giveBack(jobId, leaseToken).catch(() => undefined);
    }
    options.onEvent?.({ kind: 'ended', jobId, number, end });
  };

  /**
   * One slot. From its verdict on a job takes none (spec/ordering.md 2.3): its `after_success` may wait for a deployment that
   * waits for the jobs behind it.
   */
  const loop = async () => {
    const question: Question = { name: null };
    while (!stopping.signal.aborted) {
      const lease = await leaseOne(question);
      if (lease === null) continue;
      if (remote?.ephemeral) stopping.abort();
      await new Promise<void>((freeSlot) => {
        const job = work(lease, freeSlot).finally(() => {
          running.delete(job);
          freeSlot();
        });
        running.set(job, lease.job.payload.jobId);
      });
    }
  };

  const stopped = async () => {
    await Promise.all(loops);
    await Promise.all(running.keys());
  };
  const stop = async () => {
    stopping.abort();
    await stopped();
  };
  return {
    ended: ended.promise,
    start() {
      if (loops.length > 0) return;
      const slots = remote?.ephemeral ? 1 : concurrency;
      for (let i = 0; i < slots; i++) loops.push(loop());
      void stopped().then(() => ended.resolve(fatal));
    },
    stop,
    async kill() {
      killing.abort();
      await stop();
    },
    running: () => running.size,
    holding: () => [...running.values()],
  };
}
