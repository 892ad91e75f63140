import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Finds the processes that belong to one instance or task by a variable that their first process was given
 * and that every descendant inherits. Process ids alone lie after a restart of the machine; process groups miss
 * daemons; inside a sandbox the outer bubblewrap may be gone while its inner one lives.
 */
export interface Marker {
  readonly name: 'SLUICE_INSTANCE' | 'SLUICE_TASK';
  readonly id: string;
}

/** Ids of all living processes with the marker, and of their children that dropped it. */
export function markedProcesses(marker: Marker): number[] {
  const text = `${marker.name}=${marker.id}`;
  const parents = new Map<number, number>();
  const marked = new Set<number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isSafeInteger(pid) || pid <= 1) continue;
    const parent = livingParent(pid);
    if (parent === null) continue;
    parents.set(pid, parent);
    if (hasVariable(pid, text)) marked.add(pid);
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const [pid, parent] of parents) {
      if (marked.has(pid) || !marked.has(parent)) continue;
      marked.add(pid);
      grew = true;
    }
  }
  return [...marked];
}

/**
 * Ends them: SIGTERM, and SIGKILL for whoever is left after `graceMs`. Resolves when none is left, which
 * SIGKILL makes certain but for processes stuck in the kernel; those are given up after 10 s (answer `false`).
 */
export async function endMarked(marker: Marker, graceMs: number): Promise<boolean> {
  const killAt = Date.now() + graceMs;
  const giveUpAt = killAt + 10_000;
  let asked = false;
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 100)) {
    const left = markedProcesses(marker);
    if (left.length === 0) return true;
    if (Date.now() >= giveUpAt) return false;
    if (Date.now() >= killAt) signalAll(left, 'SIGKILL');
    else if (!asked) signalAll(left, 'SIGTERM');
    asked = true;
    await pause(waitMs);
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between.
    }
  }
}

function livingParent(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[1]);
  } catch {
    return null;
  }
}

function hasVariable(pid: number, text: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return `\0${environment}`.includes(`\0${text}\0`);
  } catch {
    return false;
  }
}
