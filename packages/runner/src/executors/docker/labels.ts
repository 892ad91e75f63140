import { readFile } from 'node:fs/promises';

/** Everything that the executor makes on an engine carries these. */
export const LABELS = {
  /** The runner's id, the same after a restart. */
  runner: 'sluice.runner',
  /** The process that made it: boot, process id and start time ({@link thisProcess}). */
  process: 'sluice.runner.process',
  /** One workplace's things have one value here. */
  workplace: 'sluice.workplace',
  /** `job`, `service` or `network`. */
  role: 'sluice.role',
  /** For people who look at the engine. */
  job: 'sluice.job',
} as const;

const bootId = () => readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((id) => id.trim());

async function startTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The name in parentheses may hold anything, so count from its end.
  return stat === null ? null : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}

export async function thisProcess(): Promise<string> {
  return `${await bootId()}:${process.pid}:${await startTime(process.pid)}`;
}

/** Whether the process of such a label still runs on this machine. */
export async function isAlive(label: string): Promise<boolean> {
  const [boot, pid, started] = label.split(':');
  if (boot !== (await bootId())) return false;
  return started !== undefined && (await startTime(Number(pid))) === started;
}
