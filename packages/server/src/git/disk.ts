import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';
import type { GitProcesses } from './process.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** git holds these for milliseconds; one this old was left by a process that was killed. */
const STALE_LOCK_MS = 60_000;
const STALE_QUARANTINE_MS = 24 * 3_600_000;

export interface Disk {
  path(repositoryUuid: string): string;
  /** Makes the bare repository unless it is there; a crash leaves either none or a whole one. */
  ensure(repositoryUuid: string): Promise<void>;
  remove(repositoryUuid: string): Promise<void>;
  /** Removes locks and half-received objects that killed processes left behind. */
  heal(repositoryUuid: string): Promise<void>;
  /** Removes repositories that were being made or removed when the server died. */
  sweep(): Promise<void>;
}

/** Bare repositories at `<data>/git/<uuid>.git`. */
export function createDisk(directory: string, git: GitProcesses): Disk {
  const path = (repositoryUuid: string) => {
    if (!UUID.test(repositoryUuid)) {
      throw new SluiceError('not_found', 'There is no such repository.');
    }
    return join(directory, `${repositoryUuid}.git`);
  };

  return {
    path,

    ensure: async (repositoryUuid) => {
      const final = path(repositoryUuid);
      if (await exists(join(final, 'HEAD'))) return;
      const draft = `${final}.tmp-${randomBytes(6).toString('hex')}`;
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await git.run(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', draft]);
      try {
        await rename(draft, final);
      } catch (error) {
        await rm(draft, { recursive: true, force: true });
        // Somebody else made it in between.
        if (!(await exists(join(final, 'HEAD')))) throw error;
      }
    },

    remove: async (repositoryUuid) => {
      const final = path(repositoryUuid);
      const doomed = `${final}.tmp-${randomBytes(6).toString('hex')}`;
      try {
        await rename(final, doomed);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      await rm(doomed, { recursive: true, force: true });
    },

    heal: async (repositoryUuid) => {
      const repository = path(repositoryUuid);
      await removeStale(repository, (name) => name.endsWith('.lock'), STALE_LOCK_MS);
      await removeLocksBelow(join(repository, 'refs'));
      const objects = join(repository, 'objects');
      await removeStale(
        objects,
        (name) => /^(tmp_objdir-)?incoming-/.test(name),
        STALE_QUARANTINE_MS,
      );
      await removeStale(
        join(objects, 'pack'),
        (name) => name.startsWith('tmp_') || name.startsWith('.tmp-'),
        STALE_QUARANTINE_MS,
      );
    },

    sweep: async () => {
      await removeStale(directory, (name) => /\.git\.tmp-[0-9a-f]{12}$/.test(name), 0);
    },
  };
}

async function removeLocksBelow(directory: string): Promise<void> {
  await removeStale(directory, (name) => name.endsWith('.lock'), STALE_LOCK_MS);
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await removeLocksBelow(join(directory, entry.name));
  }
}

async function removeStale(
  directory: string,
  matches: (name: string) => boolean,
  olderThanMs: number,
): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!matches(name)) continue;
    const path = join(directory, name);
    const info = await stat(path).catch(() => null);
    if (info !== null && Date.now() - info.mtimeMs >= olderThanMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
