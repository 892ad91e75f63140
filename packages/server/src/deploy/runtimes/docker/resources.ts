import type { HostConfig } from 'dockerode';
import { inWords, type ResourceLimits } from '../limits.ts';

/** Limits in the engine's words, which has 0 for none, too. */
export function resourcesFor(
  limits: ResourceLimits,
  logBytes: number,
): Pick<HostConfig, 'NanoCpus' | 'Memory' | 'MemorySwap' | 'PidsLimit' | 'LogConfig'> {
  return {
    NanoCpus: limits.milliCpus * 1_000_000,
    Memory: limits.memoryBytes,
    // The same: no swap beyond it.
    MemorySwap: limits.memoryBytes,
    PidsLimit: limits.processes,
    LogConfig: {
      Type: 'json-file',
      Config: { 'max-size': String(Math.ceil(logBytes / 2)), 'max-file': '2' },
    },
  };
}

/** And back: what a container was made with. */
export function limitsOf({ NanoCpus, Memory, PidsLimit }: HostConfig): ResourceLimits {
  return {
    milliCpus: Math.round((NanoCpus ?? 0) / 1_000_000),
    memoryBytes: Memory ?? 0,
    // -1 is what some engines make of 0.
    processes: Math.max(0, PidsLimit ?? 0),
  };
}

/** What is said of a program that was ended for memory, after its name. */
export function neededMore({ Memory }: HostConfig): string {
  const limit = Memory ? ` of ${inWords('memoryBytes', Memory)}` : '';
  return `needed more than its limit${limit} and was ended`;
}
