import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';
import { isSha } from './names.ts';
import type { GitProcesses } from './process.ts';

const CHECKOUT_TIMEOUT_MS = 600_000;
/** What a disk has left on which a write has failed for want of room. */
const NO_ROOM_BYTES = 1 << 20;

/**
 * Writes the files of a commit into `directory`, which must be empty or absent. git itself writes them, through an
 * index of this call alone: it refuses `.git` and `..` in trees and never writes through a symbolic link, so nothing
 * lands outside. Links are kept as links.
 *
 * Throws `not_found` for an unknown commit, `conflict` when the directory holds something, `invalid` (`submodules`),
 * `unavailable` (`disk_full`).
 */
export async function checkout(
  git: GitProcesses,
  repository: string,
  sha: string,
  directory: string,
): Promise<void> {
  if (!isSha(sha)) throw unknownCommit(sha);
  await refuseSubmodules(git, repository, sha);
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new SluiceError('conflict', `${directory} is not empty.`);
  }
  const index = join(repository, `checkout-${randomBytes(6).toString('hex')}.index`);
  const options = { repository, env: { GIT_INDEX_FILE: index }, timeoutMs: CHECKOUT_TIMEOUT_MS };
  try {
    await git.run(['read-tree', '--end-of-options', `${sha}^{tree}`], options);
    // An option for git itself, so it has to stand before the command.
    await git.run([`--work-tree=${directory}`, 'checkout-index', '--all', '--force'], options);
  } catch (error) {
    throw (await hasNoRoom(repository)) || (await hasNoRoom(directory)) ? diskFull(error) : error;
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

async function refuseSubmodules(git: GitProcesses, repository: string, sha: string): Promise<void> {
  const { status, stdout } = await git.run(['ls-tree', '-r', '-z', '--full-tree', sha], {
    repository,
    statuses: [0, 128],
    maxBytes: 512 * 1024 * 1024,
  });
  if (status !== 0) throw unknownCommit(sha);
  const submodule = stdout
    .toString('utf8')
    .split('\0')
    .find((entry) => entry.startsWith('160000 '));
  if (submodule === undefined) return;
  const path = submodule.slice(submodule.indexOf('\t') + 1);
  throw new SluiceError(
    'invalid',
    `The commit contains the submodule ${path}, and Sluice cannot deploy submodules yet.`,
    {
      reason: 'submodules',
      remedy: 'Copy the files into the repository (git subtree) or install them as a dependency.',
    },
  );
}

/** git says that a file cannot be written, but not always why. */
async function hasNoRoom(path: string): Promise<boolean> {
  const found = await statfs(path).catch(() => null);
  return found !== null && found.bavail * found.bsize < NO_ROOM_BYTES;
}

function diskFull(cause: unknown): SluiceError {
  return new SluiceError('unavailable', 'No space left on device to check out the commit.', {
    reason: 'disk_full',
    remedy: 'Make room and try again.',
    cause,
  });
}

function unknownCommit(sha: string): SluiceError {
  return new SluiceError('not_found', `The repository has no commit ${sha}.`);
}
