import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addSecureValues, ConfigError } from '@sluice/travis-config';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The nearest `.travis.yml`, in `directory` or above it; null when there is none. */
export async function findTravisFile(directory: string): Promise<string | null> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const candidate = join(folder, '.travis.yml');
    try {
      await readFile(candidate);
      return candidate;
    } catch {
      if (dirname(folder) === folder) return null;
    }
  }
}

/** As `addSecureValues`, with the words of a failing command. */
export function addSecure(
  text: string,
  key: string,
  ciphertexts: readonly string[],
  append: boolean,
): string {
  try {
    return addSecureValues(text, key, ciphertexts, { append });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(exitCodes.failed, error.message);
  }
}

/** Replaces the file in one step: a crash leaves the old text or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
