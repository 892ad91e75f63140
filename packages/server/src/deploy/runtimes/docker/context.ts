import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import dockerignore from '@balena/dockerignore';
import { type Pack, pack } from 'tar-stream';

/**
 * A build's context: the files of a check-out that `.dockerignore` leaves, and over them `added` (text by name). Owners and times
 * are left out, so that the same commit is the same context. Errors come as the stream's.
 */
export function buildContext(
  directory: string,
  added: Readonly<Record<string, string>> = {},
): Readable {
  const archive = pack();
  fill(archive, directory, added).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive);
}

async function fill(
  archive: Pack,
  directory: string,
  added: Readonly<Record<string, string>>,
): Promise<void> {
  const rules = await ignoreFile(directory);
  // The engine needs these two whatever is ignored.
  const isIgnored = (path: string) =>
    rules !== null && path !== 'Dockerfile' && path !== '.dockerignore' && rules.ignores(path);
  await addDirectory(archive, directory, '', (path) => isIgnored(path) || path in added);
  for (const [name, text] of Object.entries(added)) {
    archive.entry({ ...SAME, name, mode: 0o644 }, text);
  }
}

const SAME = { uid: 0, gid: 0, mtime: new Date(0) };

async function ignoreFile(directory: string) {
  const path = join(directory, '.dockerignore');
  // Not through a link, which could lead anywhere on this machine.
  const found = await lstat(path).catch(() => null);
  if (found?.isFile() !== true) return null;

  return dockerignore.default({ ignorecase: false }).add(await readFile(path, 'utf8'));
}

async function addDirectory(
  archive: Pack,
  root: string,
  path: string,
  isLeftOut: (path: string) => boolean,
): Promise<void> {
  for (const name of (await readdir(join(root, path))).sort()) {
    const relative = path === '' ? name : `${path}/${name}`;
    const file = join(root, relative);
    const stat = await lstat(file);
    // A directory that is left out may hold files that are not (`!` rules), so it is looked into all the same.
    if (stat.isDirectory()) {
      if (!isLeftOut(relative)) {
        archive.entry({ ...SAME, name: relative, type: 'directory', mode: 0o755 });
      }
      await addDirectory(archive, root, relative, isLeftOut);
    } else if (isLeftOut(relative)) {
    } else if (stat.isSymbolicLink()) {
      const linkname = await readlink(file);
      archive.entry({ ...SAME, name: relative, type: 'symlink', linkname });
    } else if (stat.isFile()) {
      const mode = stat.mode & 0o111 ? 0o755 : 0o644;
      const sink = archive.entry({ ...SAME, name: relative, mode, size: stat.size });
      await pipeline(createReadStream(file), sink);
    }
  }
}
