import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { type Blob, type Blobs, checkKey, isMissing } from './types.ts';

/** Blobs as files below a directory, named by their keys: what an installation without other storage has. */
export function createDirectoryBlobs(root: string): Blobs {
  const fileOf = (key: string) => join(root, checkKey(key));
  return {
    kind: 'directory',
    incoming: () => incomingIn(root),
    put: async (key, file) => {
      await makeDurable(file);
      const place = fileOf(key);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(file, place);
    },
    open: async (key, range) => {
      // Once it is open, it can be read to its end whoever removes it meanwhile.
      const handle = await open(fileOf(key)).catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
      if (handle === null) return null;
      const { size } = await handle.stat();
      const part = range === undefined ? {} : { start: range.start, end: range.end - 1 };
      if (range !== undefined && range.end <= range.start) {
        await handle.close();
        return { sizeBytes: size, stream: Readable.from([]) };
      }
      return { sizeBytes: size, stream: handle.createReadStream(part) };
    },
    remove: async (keys) => {
      await Promise.all(keys.map((key) => rm(fileOf(key), { force: true })));
    },
    list: (prefix) => listFiles(root, prefix),
    health: async () => ({
      place: `directory ${root}`,
      trouble: null,
      waiting: { count: 0, bytes: 0 },
    }),
    flush: async () => undefined,
    close: async () => undefined,
  };
}

/** Beside what it will become, so that it can be renamed into place. */
export async function incomingIn(root: string): Promise<string> {
  const directory = join(root, 'incoming');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return join(directory, randomBytes(16).toString('hex'));
}

const ABANDONED_MS = 24 * 60 * 60_000;

/** Removes files that were being received when their server died. */
export async function sweepIncoming(root: string, now = Date.now()): Promise<void> {
  const directory = join(root, 'incoming');
  for (const name of await readdir(directory).catch(() => [])) {
    const file = join(directory, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && now - found.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}

/** What a name refers to after a power failure must be there whole. */
async function makeDurable(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function* listFiles(root: string, prefix: string): AsyncGenerator<Blob> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    },
  );
  for (const entry of entries) {
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory()) yield* listFiles(root, `${key}/`);
    else if (entry.isFile()) {
      const found = await stat(join(root, key)).catch(() => null);
      if (found !== null) yield { key, sizeBytes: found.size };
    }
  }
}
