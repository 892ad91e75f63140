import { readdirSync, readFileSync } from 'node:fs';
import type { InstanceUsage } from '../types.ts';

/** `USER_HZ`, the unit of times in `/proc`: 100 a second on every architecture that Linux runs Node on. */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4_096;

interface ProcessFacts {
  readonly parent: number;
  readonly cpuTicks: number;
  readonly residentPages: number;
}

/**
 * What instances use now, by one walk over `/proc`: all that an instance's first process started, found by the marker
 * that they inherit (`SLUICE_INSTANCE`) and, for those that dropped it, by their parents.
 */
export function readUsage(ids: readonly string[]): InstanceUsage[] {
  const facts = readProcesses();
  const owners = findOwners(facts, new Set(ids));
  const sums = new Map(ids.map((id) => [id, { cpuMs: 0, memoryBytes: 0, processes: 0 }]));
  for (const [pid, id] of owners) {
    const process = facts.get(pid);
    const sum = sums.get(id);
    if (process === undefined || sum === undefined) continue;
    sum.cpuMs += process.cpuTicks * MS_PER_TICK;
    sum.memoryBytes += proportionalBytes(pid) ?? process.residentPages * PAGE_BYTES;
    sum.processes += 1;
  }
  return [...sums].map(([id, sum]) => ({ id, ...sum }));
}

function readProcesses(): Map<number, ProcessFacts> {
  const facts = new Map<number, ProcessFacts>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isSafeInteger(pid) || pid <= 1) continue;
    const read = readStat(pid);
    if (read !== null) facts.set(pid, read);
  }
  return facts;
}

/** proc(5): state, ppid, ..., utime (14), stime, cutime, cstime, ..., rss (24). The children are those waited for. */
function readStat(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const number = (index: number) => Number(fields[index] ?? 0);
    return {
      parent: number(1),
      cpuTicks: number(11) + number(12) + number(13) + number(14),
      residentPages: number(21),
    };
  } catch {
    return null;
  }
}

/** Which instance each process belongs to. */
function findOwners(
  facts: ReadonlyMap<number, ProcessFacts>,
  ids: ReadonlySet<string>,
): Map<number, string> {
  const owners = new Map<number, string>();
  for (const pid of facts.keys()) {
    const id = markOf(pid);
    if (id !== null && ids.has(id)) owners.set(pid, id);
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const [pid, { parent }] of facts) {
      const id = owners.get(parent);
      if (id === undefined || owners.has(pid)) continue;
      owners.set(pid, id);
      grew = true;
    }
  }
  return owners;
}

function markOf(pid: number): string | null {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return /(?:^|\0)SLUICE_INSTANCE=([^\0]*)/.exec(environment)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Memory with what is shared counted once over all its users, or a server of many workers would seem many times as big. */
function proportionalBytes(pid: number): number | null {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
  } catch {
    return null;
  }
}
