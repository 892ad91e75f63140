import { readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same id by when the kernel started it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of `/proc/<pid>/stat`. */
  readonly startTicks: string;
}

/** The identity of a process that is there and no zombie, else null. */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name may hold spaces and brackets, so count from the last closing one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    if (fields[0] === 'Z' || fields[0] === 'X' || startTicks === undefined) return null;
    return { pid, startTicks };
  } catch {
    return null;
  }
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTicks === identity.startTicks;
}

/** Sends a signal only if the process is still the one that was meant. Answers whether it was. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Reads what {@link ProcessIdentity} was written as JSON; null where the file is missing or not that. */
export function readIdentity(path: string): ProcessIdentity | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { pid, startTicks } = value as { pid?: unknown; startTicks?: unknown };
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 2) return null;
    return typeof startTicks === 'string' ? { pid, startTicks } : null;
  } catch {
    return null;
  }
}
