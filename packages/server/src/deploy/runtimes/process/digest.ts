import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * The digest of directory trees: names, kinds, executable bits, links and contents, in a fixed order. Times and
 * owners are left out, since a copy of the same files is the same.
 *
 * One stream, one file after the other: hashing is what it waits for, and a build must not starve the live
 * applications of the disk.
 */
export async function digestOf(directories: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const directory of directories) {
    hash.update(`tree\0`);
    await addDirectory(hash, directory, '');
  }
  return `sha256:${hash.digest('hex')}`;
}

async function addDirectory(
  hash: ReturnType<typeof createHash>,
  root: string,
  path: string,
): Promise<void> {
  const names = await readdir(join(root, path)).catch((error: unknown) => {
    if (path === '' && error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  });
  for (const name of names.sort()) {
    const relative = path === '' ? name : `${path}/${name}`;
    const file = join(root, relative);
    const stat = await lstat(file);
    if (stat.isDirectory()) {
      hash.update(`d\0${relative}\0`);
      await addDirectory(hash, root, relative);
    } else if (stat.isSymbolicLink()) {
      hash.update(`l\0${relative}\0${await readlink(file)}\0`);
    } else if (stat.isFile()) {
      hash.update(`f\0${relative}\0${stat.mode & 0o111 ? 'x' : '-'}\0${stat.size}\0`);
      // Ends the stream, not the hash.
      await pipeline(createReadStream(file), async (chunks) => {
        for await (const chunk of chunks) hash.update(chunk as Buffer);
      });
    }
  }
}
