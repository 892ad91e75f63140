import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Finds a program on the PATH or, by an absolute path, on the disk. */
export function findProgram(name: string): string | null {
  const folders = name.startsWith('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const path = folder === '' ? name : join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Look in the next folder.
    }
  }
  return null;
}

/**
 * Whether a test has to be skipped for want of something that only a Debian package brings. Says so once on
 * the console; in CI (`SLUICE_TEST_REQUIRE=all`) a skip is a failure instead.
 */
export function lacks(what: string, isThere: boolean): boolean {
  if (isThere) return false;
  const text = `skipped: ${what}`;
  if (process.env['SLUICE_TEST_REQUIRE'] === 'all') throw new Error(`not allowed to be ${text}`);
  console.warn(text);
  return true;
}

/**
 * Whether a test has to be skipped for want of something that CI leaves out on purpose: `how` says how to run it. Says so
 * once on the console, in CI too, where it is no failure.
 */
export function isLeftOut(what: string, isThere: boolean, how: string): boolean {
  if (!isThere) console.warn(`left out: ${what}; to run it: ${how}`);
  return !isThere;
}
