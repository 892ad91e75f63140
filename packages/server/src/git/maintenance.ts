import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTurns } from '../turns.ts';
import type { Disk } from './disk.ts';
import { configEnvironment, type GitProcesses } from './process.ts';
import type { MaintenanceState } from './types.ts';

const PAUSE_MS = 2_000;
const timeoutMs = 3_600_000;
const env = configEnvironment([
  ['pack.windowMemory', '64m'],
  ['pack.threads', '1'],
]);
const MOST_PACKS = 30;

/**
 * Keeps repositories quick: a commit graph (ancestry of long histories in milliseconds), and fewer packs when many have
 * gathered. One repository at a time, a moment after the last push. `git gc` is never run: commits that nothing refers
 * to any more are kept for good, since they may be live, or on their way there.
 */
export function createMaintenance(
  git: GitProcesses,
  disk: Disk,
  onError: (error: unknown, context: string) => void,
) {
  const turns = createTurns();
  const timers = new Map<string, NodeJS.Timeout>();
  const failures = new Map<string, string>();
  let stopped = false;

  const maintain = async (repositoryUuid: string): Promise<void> => {
    if (stopped) return;
    const repository = disk.path(repositoryUuid);
    try {
      await disk.heal(repositoryUuid);
      const write = ['commit-graph', 'write', '--reachable', '--split', '--no-progress'];
      await git.run(write, { repository, timeoutMs });
      if ((await countPacks(repository)) > MOST_PACKS) {
        // Joins small packs into larger ones, each at least twice the next: big ones are seldom written again.
        await git.run(['repack', '--geometric=2', '-d', '-q'], { repository, env, timeoutMs });
        await git.run(['pack-refs', '--all'], { repository, timeoutMs });
      }
      failures.delete(repositoryUuid);
    } catch (error) {
      if (stopped) return;
      failures.set(repositoryUuid, error instanceof Error ? error.message : String(error));
      onError(error, `maintaining the repository ${repositoryUuid}`);
    }
  };

  return {
    state: (): MaintenanceState => ({
      waiting: timers.size,
      failures: [...failures].map(([repositoryUuid, message]) => ({ repositoryUuid, message })),
    }),
    soon: (repositoryUuid: string): void => {
      if (stopped) return;
      clearTimeout(timers.get(repositoryUuid));
      const timer = setTimeout(() => {
        timers.delete(repositoryUuid);
        void turns.take('all', () => maintain(repositoryUuid));
      }, PAUSE_MS);
      timers.set(repositoryUuid, timer.unref());
    },
    now: (repositoryUuid: string): Promise<void> =>
      turns.take('all', () => maintain(repositoryUuid)),
    stop: async (): Promise<void> => {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await turns.settled();
    },
  };
}

async function countPacks(repository: string): Promise<number> {
  const names = await readdir(join(repository, 'objects', 'pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length;
}
