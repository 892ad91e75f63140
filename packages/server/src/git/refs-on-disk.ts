import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The branches and tags of a bare repository as its files say, without a process of git: object by full name. Null where
 * they say something that only git should read. It answers one question, cheaply and at every start for every
 * repository: has anything changed? What is to be believed is read by git (`refs.ts`).
 */
export async function refsOnDisk(repository: string): Promise<Map<string, string> | null> {
  try {
    const refs = readPacked(await readFile(join(repository, 'packed-refs'), 'utf8').catch(orEmpty));
    for (const kind of ['refs/heads', 'refs/tags']) {
      const entries = await readdir(join(repository, kind), {
        recursive: true,
        withFileTypes: true,
      }).catch(() => []);
      for (const entry of entries) {
        if (entry.isDirectory()) continue;
        const file = join(entry.parentPath, entry.name);
        const text = (await readFile(file, 'utf8')).trim();
        if (!entry.isFile() || !OBJECT.test(text)) return null;
        refs.set(file.slice(repository.length + 1), text);
      }
    }
    return refs;
  } catch {
    return null;
  }
}

/** The branch that HEAD names; null when it names none. */
export async function headBranch(repository: string): Promise<string | null> {
  const text = await readFile(join(repository, 'HEAD'), 'utf8').catch(orEmpty);
  return /^ref: refs\/heads\/(.+)$/m.exec(text)?.[1] ?? null;
}

const OBJECT = /^[0-9a-f]{40}$/;
const PACKED = /^([0-9a-f]{40}) (refs\/(?:heads|tags)\/.+)$/;

function readPacked(text: string): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, sha, ref] = PACKED.exec(line) ?? [];
    if (sha !== undefined && ref !== undefined) refs.set(ref, sha);
  }
  return refs;
}

function orEmpty(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
