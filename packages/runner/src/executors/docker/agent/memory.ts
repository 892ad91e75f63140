import { readFile } from 'node:fs/promises';

/** Where the kernel counts what it has ended for want of memory, in the two generations of control groups. */
const COUNTERS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'];
const CHECK_MS = 500;

/** Calls `exceeded` once when a process of this container was ended for want of memory. The answer looks a last time. */
export function watchMemory(exceeded: () => void): () => Promise<void> {
  let said = false;
  const look = async () => {
    const texts = await Promise.all(COUNTERS.map((path) => readFile(path, 'utf8').catch(() => '')));
    if (said || !texts.some((text) => /^oom_kill [1-9]/m.test(text))) return;
    said = true;
    exceeded();
  };
  const timer = setInterval(() => void look(), CHECK_MS);
  return async () => {
    clearInterval(timer);
    await look();
  };
}
