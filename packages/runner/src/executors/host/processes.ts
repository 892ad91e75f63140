import { readdir, readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/** All processes below `root`, without it, as this process sees them: also those inside other pid namespaces. */
export async function descendants(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The name in parentheses may hold anything, so count from its end.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const list = children.get(parent);
      if (list) list.push(pid);
      else children.set(parent, [pid]);
    }),
  );
  const found: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    const below = children.get(pid) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** Processes that were started with this variable in their environment, wherever they have gone since. */
export async function withVariable(assignment: string): Promise<number[]> {
  const needle = Buffer.from(`\0${assignment}\0`);
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`).catch(() => null);
    if (environment && Buffer.concat([Buffer.alloc(1), environment]).includes(needle)) {
      found.push(Number(name));
    }
  }
  return found;
}

/** Memory of the processes together. Shared pages are counted for each at first, and fairly when that is above `limit`. */
export async function memoryOf(pids: readonly number[], limit: number): Promise<number> {
  const resident = await Promise.all(
    pids.map(async (pid) => {
      const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0');
      return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
    }),
  );
  const total = resident.reduce((sum, bytes) => sum + bytes, 0);
  if (total <= limit) return total;
  const fair = await Promise.all(
    pids.map(async (pid, index) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      const match = /^Pss:\s+(\d+) kB/m.exec(rollup);
      return match ? Number(match[1]) * 1024 : (resident[index] ?? 0);
    }),
  );
  return fair.reduce((sum, bytes) => sum + bytes, 0);
}

/** Sends a signal; a process that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
