import type { RunningInstance, RunningUsage } from '../runtimes/runtime.ts';

/** What the runtime said of one instance at one moment. */
export interface Reading {
  readonly instance: RunningInstance;
  /** Null where the runtime cannot tell. */
  readonly usage: RunningUsage | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What came of two readings of one instance. */
export interface Used {
  /** Of one core: 200 is two cores. Null after a first reading: a rate needs two. */
  readonly cpuPercent: number | null;
  /** Starts again between the two. */
  readonly restarts: number;
}

/**
 * The rate between two readings. A supervisor that was started anew counts exits from 0. After a start again the
 * processes are all new, so that their sum is what was used since; where it falls without one, a process ended that
 * nobody waited for, and nothing is known.
 */
export function between(before: Reading | undefined, now: Reading): Used {
  if (before === undefined) return { cpuPercent: null, restarts: 0 };
  const exits = now.instance.exits - before.instance.exits;
  const restarts = exits < 0 ? now.instance.exits : exits;
  const elapsed = now.at - before.at;
  if (now.usage === null || before.usage === null || elapsed <= 0) {
    return { cpuPercent: null, restarts };
  }
  const ms = now.usage.cpuMs - before.usage.cpuMs;
  const spent = restarts > 0 ? now.usage.cpuMs : Math.max(0, ms);
  return { cpuPercent: Math.round((spent / elapsed) * 1_000) / 10, restarts };
}
