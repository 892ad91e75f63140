import { readdir, readFile } from 'node:fs/promises';

/** Resident memory in MiB; null for a process that is gone. */
export async function residentMib(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const match = /^VmRSS:\s+(\d+) kB/m.exec(status);
  return match === null ? null : Number(match[1]) / 1_024;
}

/** Open descriptors; null for a process that is gone. */
export async function descriptors(pid: number): Promise<number | null> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => null))?.length ?? null;
}

/** Command lines, by process id, of all processes that name `path` among their words. */
export async function processesNaming(path: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(path)) found.set(Number(entry), line.replaceAll('\0', ' ').trim());
  }
  return found;
}
