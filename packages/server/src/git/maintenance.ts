import type { Disk } from './disk.ts';
import { configEnvironment, type GitProcesses } from './process.ts';
import { createTurns } from './turns.ts';

const PAUSE_MS = 2_000;
const LONGEST_MS = 3_600_000;

/**
 * Keeps repositories quick: a commit graph (ancestry of long histories in milliseconds), and repacking when much has
 * gathered. One repository at a time, a moment after the last push. Commits that nothing refers to any more are
 * kept for good, in a pack of their own: they may be live, or on their way there.
 */
export function createMaintenance(
  git: GitProcesses,
  disk: Disk,
  onError: (error: unknown, context: string) => void,
) {
  const turns = createTurns();
  const timers = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  const maintain = async (repositoryUuid: string): Promise<void> => {
    if (stopped) return;
    const repository = disk.path(repositoryUuid);
    const env = configEnvironment([
      ['gc.auto', '5000'],
      ['gc.autoPackLimit', '50'],
      ['gc.autoDetach', 'false'],
      ['gc.pruneExpire', 'never'],
      ['gc.cruftPacks', 'true'],
    ]);
    try {
      await disk.heal(repositoryUuid);
      await git.run(['commit-graph', 'write', '--reachable', '--split', '--no-progress'], {
        repository,
        timeoutMs: LONGEST_MS,
      });
      await git.run(['gc', '--auto', '--quiet'], { repository, env, timeoutMs: LONGEST_MS });
    } catch (error) {
      if (!stopped) onError(error, `maintaining the repository ${repositoryUuid}`);
    }
  };

  return {
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
      await turns.idle();
    },
  };
}
