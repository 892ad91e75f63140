import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** 0 where there is none. */
export const sizeOf = async (path: string): Promise<number> =>
  (await stat(path).catch(() => null))?.size ?? 0;

/** The sizes of all files below a directory together. */
export async function sizeBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += await sizeOf(join(entry.parentPath, entry.name));
  }
  return bytes;
}
